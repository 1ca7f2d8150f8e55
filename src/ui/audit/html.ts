import type { AuditReport } from '../../app/audit/report.ts';
import type { Severity } from '../../app/audit/severity.ts';
import { inHtml } from '../../app/markup.ts';
import { texts } from '../../texts.ts';
import { hasNoApps, severityWord, summaryLine } from './lines.ts';

const messages = texts('eca.audit');

/** Colours with a contrast of at least 4.5 to 1 on white (WCAG 2.2, 1.4.3). The word says the same as the colour. */
const STYLE = `
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.3rem; margin-top: 2rem; } h3 { font-size: 1.05rem; margin-bottom: .25rem; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; font-weight: bold; padding: .5rem 0; }
th, td { border: 1px solid #767676; padding: .35rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
thead th { background: #f0f0f0; }
pre { background: #f4f4f4; border: 1px solid #767676; padding: .5rem; white-space: pre-wrap; overflow-wrap: anywhere; }
section.finding { border-left: .35rem solid #767676; padding-left: 1rem; margin: 1.5rem 0; break-inside: avoid; }
.critical { border-color: #7a0014 !important; } .high { border-color: #a8071a !important; }
.medium { border-color: #8a5300 !important; } .low { border-color: #005a9c !important; }
.severity { font-weight: bold; } span.critical { color: #7a0014; } span.high { color: #a8071a; }
span.medium { color: #8a5300; } span.low { color: #005a9c; } span.info { color: #595959; }
@media print { body { margin: 0; max-width: none; font-size: 11pt; } pre { border-color: #000; } h2 { break-after: avoid; } }
`;

const text = (key: Parameters<typeof messages.getMessage>[0], ...values: string[]): string =>
  inHtml((messages.getMessage as (key: string, values: string[]) => string)(key, values));

const severity = (word: Severity | undefined): string =>
  word === undefined ? '-' : `<span class="severity ${word}">${inHtml(severityWord(word))}</span>`;

const table = (caption: string, heads: string[], rows: string[][]): string[] =>
  rows.length === 0
    ? []
    : [
        `<table><caption>${caption}</caption>`,
        `<thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead>`,
        '<tbody>',
        ...rows.map(
          ([first = '', ...cells]) =>
            `<tr><th scope="row">${first}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`,
        ),
        '</tbody></table>',
      ];

/**
 * The audit as one HTML page, for people who have no terminal. It needs no script and no other file, and forbids both:
 * labels of an org are hostile.
 */
export const auditHtml = (report: AuditReport): string => {
  const { org, apps, findings, suppressed, notChecked } = report;
  const headline = text('headline', org.username);
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${headline}</title><style>${STYLE}</style></head><body>`,
    `<header><h1>${headline}</h1>`,
    `<p>${text('html.made', report.auditedAt, org.id, report.profile)}</p></header><main>`,
    `<p>${inHtml(summaryLine(report))}</p>`,
    `<h2>${text('html.apps')}</h2>`,
    ...(hasNoApps(report) ? [`<p>${text('none')}</p>`] : []),
    ...table(
      text('html.appsCaption'),
      [
        text('column.name'),
        text('column.worst'),
        text('column.findings'),
        text('column.lastUsed'),
        text('column.owner'),
      ],
      apps.map(({ name, label, worst, findings: count, lastUsed = '-', owner = '-' }) => [
        inHtml(label === undefined || label === name ? name : `${name} (${label})`),
        severity(worst),
        String(count),
        inHtml(lastUsed),
        inHtml(owner),
      ]),
    ),
    `<h2>${text('findings')}</h2>`,
    ...(findings.length === 0 ? [`<p>${text('noFindings')}</p>`] : []),
    ...findings.flatMap((one, index) => [
      `<section class="finding ${one.severity}" aria-labelledby="finding-${index}">`,
      `<h3 id="finding-${index}">${severity(one.severity)} ${inHtml(`${one.rule} ${one.subject}: ${one.title}`)}</h3>`,
      `<p>${inHtml(one.detail)}</p><p>${inHtml(one.reason)}</p>`,
      `<p>${text('line.fix', one.fix)}</p>`,
      ...(one.commands.length === 0 ? [] : [`<pre>${one.commands.map(inHtml).join('\n')}</pre>`]),
      `<p>${text('line.breaks', one.breaks)}</p></section>`,
    ]),
    ...(suppressed.length === 0 ? [] : [`<h2>${text('suppressed')}</h2>`]),
    ...table(
      text('suppressed'),
      [text('column.rule'), text('column.name'), text('column.why')],
      suppressed.map((one) => [inHtml(one.rule), inHtml(one.subject), inHtml(one.suppression)]),
    ),
    ...(notChecked.length === 0 ? [] : [`<h2>${text('notChecked')}</h2>`]),
    ...table(
      text('notChecked'),
      [text('column.rule'), text('column.name'), text('column.what'), text('column.why')],
      notChecked.map((one) => [inHtml(one.rule), inHtml(one.subject), inHtml(one.what), inHtml(one.why)]),
    ),
    '</main></body></html>',
    '',
  ].join('\n');
};
