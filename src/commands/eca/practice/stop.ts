import { loginOf, logOut } from '../../../local/logins.ts';
import { PracticeProblem, stopPracticeOrg } from '../../../practice/practice.ts';
import { Flags, Global, SfCommand } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';

const messages = texts('eca.practice.stop');

export type EcaPracticeStopResult = {
  alias: string;
  /** Whose login was taken away; absent when there was none. */
  username?: string;
  /** A process was ended; false when it was gone already. */
  stopped: boolean;
};

export default class EcaPracticeStop extends SfCommand<EcaPracticeStopResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');

  public static override readonly flags = {
    alias: Flags.string({ char: 'a', default: 'practice', summary: messages.getMessage('flags.alias.summary') }),
  };

  public async run(): Promise<EcaPracticeStopResult> {
    const { flags } = await this.parse(EcaPracticeStop);
    const { alias } = flags;
    const ended = await ending(alias);
    const left = await loginOf(alias);
    const username = ended?.username ?? (left?.practice ? left.username : undefined);
    if (!ended && !username) throw messages.createError('error.notRunning', [alias]);
    if (username) await logOut(username);
    this.logSuccess(messages.getMessage(ended ? 'done' : 'done.loggedOut', [alias]));
    return { alias, ...(username ? { username } : {}), stopped: ended !== undefined };
  }
}

/** Ends the practice org; nothing when none runs. */
const ending = async (alias: string): Promise<{ username: string } | undefined> => {
  try {
    return await stopPracticeOrg(Global.SF_DIR, alias);
  } catch (error) {
    if (error instanceof PracticeProblem && error.code === 'notRunning') return undefined;
    throw error;
  }
};
