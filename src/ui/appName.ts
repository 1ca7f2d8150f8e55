import { texts } from '../texts.ts';
import type { Screen } from './screen.ts';

const messages = texts('eca');

/**
 * The name of an app as its org spells it. If the user spelled it in another way, the name is also printed on stderr.
 *
 * @param stored the org's spelling; undefined when the org does not have the app
 */
export const asSpelled = (
  screen: Pick<Screen, 'logToStderr'>,
  given: string,
  stored: string | undefined = given,
): string => {
  if (stored !== given) {
    screen.logToStderr(messages.getMessage('nameAsSpelled', [given, stored]));
  }
  return stored;
};
