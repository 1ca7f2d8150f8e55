import { plainText } from '../app/plainText.ts';
import { Messages } from '../salesforce.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'eca');

/**
 * The name of an app as its org spells it. If the user spelled it in another way, the name is also printed on stderr.
 *
 * @param stored the org's spelling; undefined when the org does not have the app
 */
export const asSpelled = (
  screen: { logToStderr(message?: string): void },
  given: string,
  stored: string | undefined = given,
): string => {
  if (stored !== given) {
    screen.logToStderr(messages.getMessage('nameAsSpelled', [plainText(given), plainText(stored)]));
  }
  return stored;
};
