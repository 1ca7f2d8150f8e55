import { plainText } from '../app/plainText.ts';
import { Messages } from '../salesforce.ts';
import type { Screen } from './screen.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'eca');

/**
 * The name of an app as its org spells it, which is said on stderr where the user spelled it otherwise.
 *
 * @param stored the org's spelling; undefined when the org does not have the app
 */
export const asSpelled = (
  screen: Pick<Screen, 'logToStderr'>,
  given: string,
  stored: string | undefined = given,
): string => {
  if (stored !== given) {
    screen.logToStderr(messages.getMessage('nameAsSpelled', [plainText(given), plainText(stored)]));
  }
  return stored;
};
