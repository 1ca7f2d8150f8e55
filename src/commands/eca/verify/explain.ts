import type { Flow } from '../../../app/app.ts';
import { EXIT_CODE_FOR } from '../../../app/exitCodes.ts';
import { causesOf, explain } from '../../../app/explanations.ts';
import { NOTHING_KNOWN } from '../../../app/fixes.ts';
import { FLOW_NAMES } from '../../../app/flows.ts';
import { plainText } from '../../../app/plainText.ts';
import { isProblem } from '../../../app/problem.ts';
import { readAnswer } from '../../../client/pastedAnswer.ts';
import { Args, Flags, SfCommand } from '../../../salesforce.ts';
import { inWords, problemError, texts } from '../../../texts.ts';
import { mayAsk, PROMPTS } from '../../../ui/prompts.ts';
import { remedyOf } from '../../../ui/remedies.ts';

const messages = texts('eca.verify.explain');

export type EcaVerifyExplainResult = {
  /** Empty where the text names none. */
  error: string;
  description: string;
  flow?: Flow;
  /** Is this answer known? If not, cause and fix are general. */
  known: boolean;
  cause: string;
  fix: string;
  /** The commands of this fix that run as they stand. */
  commands: string[];
  /** All possible causes, the likeliest first, each with what fixes it; the first is the one above. */
  causes: Array<{ id: string; cause: string; fix: string; commands: string[] }>;
  /** May it go away by itself, within minutes of a change? */
  mayPass: boolean;
};

export default class EcaVerifyExplain extends SfCommand<EcaVerifyExplainResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly hiddenAliases = ['eca:explain'];
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');

  public static override readonly args = {
    answer: Args.string({ description: messages.getMessage('args.answer.description') }),
  };

  public static override readonly flags = {
    name: Flags.string({ char: 'n', summary: messages.getMessage('flags.name.summary') }),
    flow: Flags.option({ options: FLOW_NAMES, summary: messages.getMessage('flags.flow.summary') })(),
  };

  public async run(): Promise<EcaVerifyExplainResult> {
    const { args, flags } = await this.parse(EcaVerifyExplain);
    const refusal = await readAnswer(args.answer ?? (await this.ask()));
    if (isProblem(refusal)) throw problemError(refusal, EXIT_CODE_FOR.wrongFlags);
    const known = flags.name ? { app: { name: flags.name } } : NOTHING_KNOWN;
    const explanation = explain(refusal, flags.flow, known);
    const causes = causesOf(explanation).map(({ id, cause, fix }) => ({
      id,
      cause: inWords(cause),
      fix: inWords(fix),
      commands: remedyOf(inWords(fix)).commands,
    }));

    this.log(plainText([refusal.error, refusal.description].filter(Boolean).join(': ')));
    if (causes.length > 1) this.log(`\n${messages.getMessage('several')}`);
    for (const { cause, fix } of causes) this.log(`\n${cause}\n\n${fix}`);
    if (explanation.mayPass) this.log(`\n${messages.getMessage('mayPass')}`);
    return {
      ...refusal,
      ...(flags.flow ? { flow: flags.flow } : {}),
      known: explanation.id !== 'unknown',
      cause: causes[0]?.cause ?? '',
      fix: causes[0]?.fix ?? '',
      commands: causes[0]?.commands ?? [],
      causes,
      mayPass: explanation.mayPass,
    };
  }

  /** @throws error.answerMissing (exit code 2) when nobody may be asked */
  private async ask(): Promise<string> {
    if (!mayAsk(this, { 'no-prompt': false }))
      throw messages.createError('error.answerMissing', [], [], EXIT_CODE_FOR.wrongFlags);
    return PROMPTS.text({ message: messages.getMessage('prompt.answer') });
  }
}
