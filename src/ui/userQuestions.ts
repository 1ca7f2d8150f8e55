import { namesSaid } from '../app/fields.ts';
import { checkIntegrationUser, checkUsername, type IntegrationUser } from '../app/integrationUser.ts';
import { texts } from '../texts.ts';
import { explain, refuseProblems } from './problems.ts';
import { PROMPTS } from './prompts.ts';

const messages = texts('eca.user.create');

/** An app as the org keeps it, as far as it can have a user. */
type Stored = { app: { name: string }; components: { globalOauthSettings?: unknown }; installed: boolean };

/** @throws error.oauthNotSet: an app without OAuth runs as nobody */
export const requireOauth = ({ app, components, installed }: Stored, sameApp: (name: string) => string): void => {
  if (components.globalOauthSettings === undefined && !installed)
    throw messages.createError('error.oauthNotSet', [app.name], [sameApp(app.name)]);
};

/**
 * Asks as whom the app is to run. The user need not be there yet.
 *
 * @throws error.oauthNotSet, before the question
 */
export const askUsername = async (stored: Stored, sameApp: (name: string) => string): Promise<string> => {
  requireOauth(stored, sameApp);
  return PROMPTS.text({
    message: messages.getMessage('prompt.base-username'),
    problem: (answer) => explain(checkUsername(answer)),
  });
};

/**
 * The integration user as the flags say it.
 *
 * @param app as `sameApp` gives it
 * @throws (exit code 2) what checkIntegrationUser finds
 */
export const userFrom = (
  flags: { 'permission-set'?: string[]; email?: string; 'last-name'?: string },
  username: string,
  app: string,
): IntegrationUser => {
  const user = {
    username,
    permissionSets: flags['permission-set'] && namesSaid(flags['permission-set']),
    email: flags.email?.trim(),
    lastName: flags['last-name'],
  };
  refuseProblems(checkIntegrationUser(user), app);
  return user;
};
