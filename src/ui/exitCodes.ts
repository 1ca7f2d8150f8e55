import { Messages } from '../salesforce.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'eca');

/** The exit codes of the commands that write, for their help. */
export const exitCodes: Record<string, string> = {
  '0': messages.getMessage('exitCode.0'),
  '1': messages.getMessage('exitCode.1'),
  '2': messages.getMessage('exitCode.2'),
  '68': messages.getMessage('exitCode.68'),
  '69': messages.getMessage('exitCode.69'),
};
