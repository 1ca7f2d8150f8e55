import type { RuleInWords } from '../../../app/audit/report.ts';
import { RULES } from '../../../app/audit/rules.ts';
import { Args, SfCommand } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { requireRule } from '../../../ui/audit/asked.ts';
import { ruleLines } from '../../../ui/audit/ruleLines.ts';
import { ruleInWords } from '../../../ui/audit/words.ts';

const messages = texts('eca.audit.explain');

/** One rule, or all. */
export type EcaAuditExplainResult = RuleInWords[];

export default class EcaAuditExplain extends SfCommand<EcaAuditExplainResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');

  public static override readonly args = {
    rule: Args.string({ description: messages.getMessage('args.rule.description'), ignoreStdin: true }),
  };

  public async run(): Promise<EcaAuditExplainResult> {
    const { args } = await this.parse(EcaAuditExplain);
    const rules = (args.rule === undefined ? [...RULES] : [requireRule(args.rule)]).map(ruleInWords);
    const width = process.stdout.columns;
    if (args.rule === undefined)
      for (const { id, severity, title } of rules) this.log(messages.getMessage('line', [id, severity, title]));
    else for (const rule of rules) for (const line of ruleLines(rule, width)) this.log(line);
    return rules;
  }
}
