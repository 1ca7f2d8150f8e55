import { inWords, texts } from '../texts.ts';
import { markdownBlock, markdownTable, markdownText } from './markdown.ts';
import { remediesOf, remedyOf } from './remedies.ts';
import { checkInWords, type Ended, verdictOf } from './verification.ts';

const messages = texts('eca.verify');

/** What verify found, for a ticket or a pull request. */
export const verificationMarkdown = (ended: Ended): string => {
  const { flows, checks } = ended;
  const column = (key: 'flow' | 'result' | 'status' | 'check' | 'detail'): string =>
    messages.getMessage(`column.${key}`);
  const remedies = remediesOf(checks.map(checkInWords));
  return [
    `## ${markdownText(verdictOf(ended))}`,
    '',
    ...markdownTable(
      [column('flow'), column('result')],
      flows.map(({ flow, result }) => [flow, messages.getMessage(`flow.${result}`)]),
    ),
    '',
    ...markdownTable(
      [column('status'), column('check'), column('detail')],
      checks.map(({ status, title, detail }) => [
        messages.getMessage(`status.${status}`),
        inWords(title),
        inWords(detail),
      ]),
    ),
    ...(remedies.length > 0 ? ['', `### ${messages.getMessage('toMend')}`] : []),
    ...remedies.flatMap(({ titles, fix }) => {
      const { commands } = remedyOf(fix);
      const prose = fix.split('\n').filter((line) => !commands.includes(line.trim()) && line.trim() !== '');
      return [
        '',
        ...titles.map((title) => `- **${markdownText(title)}**`),
        ...prose.flatMap((line) => ['', markdownText(line)]),
        ...(commands.length > 0 ? ['', ...markdownBlock(commands)] : []),
      ];
    }),
    '',
  ].join('\n');
};
