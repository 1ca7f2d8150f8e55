import type { App, Wish } from '../app/app.ts';
import { checkCallbackUrls, parseCallbackUrls } from '../app/callbackUrl.ts';
import { NO_CERTIFICATE } from '../app/certificate.ts';
import { merge } from '../app/changes.ts';
import type { Problem } from '../app/problem.ts';
import { texts } from '../texts.ts';
import { explain } from './problems.ts';
import { needFlags, PROMPTS } from './prompts.ts';

const messages = texts('eca.oauth.set');

/** Asks for what OAuth needs and the app does not have yet: a callback URL, and a run-as user. */
export const completeOauth = async (
  wish: Wish,
  { app, installed }: { app: App; installed: boolean },
  asking: boolean,
): Promise<Wish> => {
  const { oauth = {} } = merge(app, wish);
  const askCallback = !installed && !oauth.callbackUrls?.length && wish.oauth?.callbackUrls === undefined;
  const askRunAs = oauth.flows?.includes('client-credentials') === true && !oauth.runAs;
  const needed = await needFlags(asking, {
    ...(askCallback && { 'callback-url': { given: undefined, ask: askCallbackUrls } }),
    ...(askRunAs && { 'run-as': { given: undefined, ask: askForRunAs } }),
  });
  return merge(wish, { name: wish.name, oauth: { callbackUrls: needed['callback-url'], runAs: needed['run-as'] } });
};

/**
 * Makes the question which certificate the app has, for where the settings cannot be written without the answer.
 *
 * @param app what follows `--name`: the app, and the org where it is not the default one
 * @param problem of the plan: the app's name, and the certificate's fingerprint, if the fingerprint is known
 * @returns a file, or `none`
 * @throws error.certificateUnsure when the user does not know
 */
export const askCertificate =
  (app: string) =>
  async (problem: Problem): Promise<string> => {
    const [name = '', fingerprint] = problem.values;
    if (fingerprint) return PROMPTS.text({ message: messages.getMessage('prompt.sameCertificate', [fingerprint]) });
    const answer = await PROMPTS.choice({
      message: messages.getMessage('prompt.certificate'),
      choices: [
        { value: NO_CERTIFICATE, name: messages.getMessage('prompt.certificate.none') },
        { value: 'file', name: messages.getMessage('prompt.certificate.file') },
        { value: 'unsure', name: messages.getMessage('prompt.certificate.unsure') },
      ],
    });
    if (answer === 'unsure') throw messages.createError('error.certificateUnsure', [name], [app]);
    return answer === NO_CERTIFICATE
      ? answer
      : PROMPTS.text({ message: messages.getMessage('prompt.certificateFile') });
  };

const askCallbackUrls = async (): Promise<string[]> =>
  parseCallbackUrls([
    await PROMPTS.text({
      message: messages.getMessage('prompt.callbackUrl'),
      // Where `sf` itself listens when somebody logs in with a browser, so it can be tried out at once.
      default: 'http://localhost:1717/OauthRedirect',
      problem: (answer) => explain(checkCallbackUrls(parseCallbackUrls([answer]))[0]),
    }),
  ]);

const askForRunAs = (): Promise<string> => PROMPTS.text({ message: messages.getMessage('prompt.runAs') });
