import type { RuleInWords } from '../../app/audit/report.ts';
import { texts } from '../../texts.ts';
import { wrapped } from '../wrapped.ts';
import { severityWord } from './lines.ts';

const messages = texts('eca.audit.explain');

/** The parts of a rule's text, each with its heading. */
const partsOf = (rule: RuleInWords): Array<[heading: string, text: string]> => [
  [messages.getMessage('part.reason'), rule.reason],
  [messages.getMessage('part.fix'), rule.fix],
  [messages.getMessage('part.breaks'), rule.breaks],
  [messages.getMessage('part.except'), rule.except],
  [messages.getMessage('part.looksAt'), rule.looksAt.join(', ') || '-'],
  [messages.getMessage('part.sources'), rule.sources.join('; ')],
];

const headline = ({ id, title, name, severity, score }: RuleInWords): string =>
  messages.getMessage('headline', [id, title, name, severityWord(severity), score.toFixed(1)]);

/** A rule as lines of a terminal. */
export const ruleLines = (rule: RuleInWords, width?: number): string[] => [
  ...wrapped(headline(rule), width),
  ...partsOf(rule).flatMap(([heading, text]) => ['', heading, ...wrapped(text, width, '  ')]),
];

/** A rule as a page of Markdown, for docs/rules/. */
export const rulePage = (rule: RuleInWords): string =>
  [
    `# ${rule.id}: ${rule.title}`,
    `\`${rule.name}\`, severity ${severityWord(rule.severity)} (${rule.score.toFixed(1)})`,
    ...partsOf(rule).map(([heading, text]) => `## ${heading}\n\n${text}`),
    `\`sf eca audit explain ${rule.id}\` prints the same.`,
  ].join('\n\n') + '\n';
