import { plainText } from '../../app/plainText.ts';
import { Messages } from '../../salesforce.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'org');

/** The operations of an org, as messages/org.md has them under `doing`. */
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
 * The name of an operation, in words that follow "while" in errors.
 *
 * @param names the things of the operation, such as an app's name
 */
export const operation = (what: Doing, ...names: string[]): string =>
  messages.getMessage(`doing.${what}`, names.map(plainText));
