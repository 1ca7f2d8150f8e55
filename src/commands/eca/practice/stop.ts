import { PracticeProblem, stopPracticeOrg } from '../../../practice/practice.ts';
import { AuthRemover, Flags, Global, Messages, SfCommand, StateAggregator } from '../../../salesforce.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'eca.practice.stop');

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
    const username = ended?.username ?? (await practiceLogin(alias));
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

/** The login that is left of a practice org which ended otherwise. */
const practiceLogin = async (alias: string): Promise<string | undefined> => {
  const state = await StateAggregator.getInstance();
  const username = state.aliases.getUsername(alias);
  if (!username || !(await state.orgs.hasFile(username))) return undefined;
  const { instanceUrl = '' } = (await state.orgs.read(username)) ?? {};
  return /^http:\/\/127\.0\.0\.1:\d+\/?$/.test(instanceUrl) ? username : undefined;
};

const logOut = async (username: string): Promise<void> => {
  const state = await StateAggregator.getInstance();
  if (!(await state.orgs.hasFile(username))) return;
  const remover = await AuthRemover.create();
  await remover.removeAuth(username);
};
