import { namesSaid } from '../app/fields.ts';
import { checkUsername, type IntegrationUser } from '../app/integrationUser.ts';
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

/** The integration user as the flags say it. */
export const userFrom = (
  flags: { 'permission-set'?: string[]; email?: string; 'last-name'?: string },
  username: string,
): IntegrationUser => ({
  username,
  permissionSets: flags['permission-set'] && namesSaid(flags['permission-set']),
  email: flags.email?.trim(),
  lastName: flags['last-name'],
});
