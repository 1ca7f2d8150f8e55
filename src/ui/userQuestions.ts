import { checkUsername } from '../app/integrationUser.ts';
import { texts } from '../texts.ts';
import { explain } from './problems.ts';
import { PROMPTS } from './prompts.ts';

const messages = texts('eca.user.create');

/** Asks as whom the app is to run. The user need not be there yet. */
export const askUsername = (): Promise<string> =>
  PROMPTS.text({
    message: messages.getMessage('prompt.base-username'),
    problem: (answer) => explain(checkUsername(answer)),
  });
