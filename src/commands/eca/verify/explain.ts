import type { Flow } from '../../../app/app.ts';
import type { Saying } from '../../../app/checks.ts';
import { explain, parseRefusal } from '../../../app/explanations.ts';
import { nothingKnown } from '../../../app/fixes.ts';
import { FLOW_NAMES } from '../../../app/flows.ts';
import { Args, Flags, Messages, SfCommand } from '../../../salesforce.ts';
import { plainText } from '../../../app/plainText.ts';
import { inWords } from '../../../ui/saying.ts';

Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
const messages = Messages.loadMessages('sf-plugin-eca', 'eca.verify.explain');
const words = Messages.loadMessages('sf-plugin-eca', 'eca.verify');

export type EcaVerifyExplainResult = {
  /** Empty where the text names none. */
  error: string;
  description: string;
  flow?: Flow;
  /** Is this answer known? If not, cause and fix are general. */
  known: boolean;
  cause: string;
  fix: string;
  /** May it go away by itself, within minutes of a change? */
  mayPass: boolean;
};

export default class EcaVerifyExplain extends SfCommand<EcaVerifyExplainResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');

  public static override readonly args = {
    answer: Args.string({ required: true, description: messages.getMessage('args.answer.description') }),
  };

  public static override readonly flags = {
    name: Flags.string({ char: 'n', summary: messages.getMessage('flags.name.summary') }),
    flow: Flags.option({ options: FLOW_NAMES, summary: messages.getMessage('flags.flow.summary') })(),
  };

  public async run(): Promise<EcaVerifyExplainResult> {
    const { args, flags } = await this.parse(EcaVerifyExplain);
    const refusal = parseRefusal(args.answer);
    const known = flags.name ? { app: { name: flags.name } } : nothingKnown;
    const { id, cause, fix, mayPass } = explain(refusal, flags.flow, known);

    const result = {
      ...refusal,
      ...(flags.flow ? { flow: flags.flow } : {}),
      known: id !== 'unknown',
      cause: inText(cause),
      fix: inText(fix),
      mayPass,
    };
    this.log(plainText([refusal.error, refusal.description].filter(Boolean).join(': ')));
    this.log(`\n${result.cause}\n\n${result.fix}`);
    if (mayPass) this.log(`\n${messages.getMessage('mayPass')}`);
    return result;
  }
}

const inText = (saying: Saying): string =>
  inWords({ getMessage: (key, values) => words.getMessage(key, values) }, saying);
