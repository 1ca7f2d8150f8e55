import { plainText } from '../../app/plainText.ts';
import { Messages } from '../../salesforce.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'org');

/** What an org is asked for, as messages/org.md has it under `doing`. */
type Doing =
  | 'countingLetIn'
  | 'deploying'
  | 'findingApiVersions'
  | 'lookingForApps'
  | 'lookingForConnectedApp'
  | 'lookingForIntegration'
  | 'lookingForRunAs'
  | 'lookingForUser'
  | 'puttingGrantBack'
  | 'readingApps'
  | 'readingCredentials'
  | 'readingEmail'
  | 'readingOrganization'
  | 'readingPermissions'
  | 'readingPermissionSetLicences'
  | 'readingPermissionSets'
  | 'readingProfiles'
  | 'readingRunningUser'
  | 'readingSecretSettings'
  | 'readingSettings'
  | 'readingTokenExchange'
  | 'readingTokens'
  | 'revokingTokens'
  | 'waitingForDeploy';

/**
 * What is being done, in words that errors go on with after "while".
 *
 * @param names what it is done with, such as an app's name
 */
export const operation = (what: Doing, ...names: string[]): string =>
  messages.getMessage(`doing.${what}`, names.map(plainText));
