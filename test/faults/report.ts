import { format } from 'prettier';

import type { CommandOfCampaign } from './commands.ts';
import type { Hazard } from './hazards.ts';
import type { Tried } from './worker.ts';

/** docs/reliability.md, with the figures of a run. */
export const report = (commands: CommandOfCampaign[], hazards: Hazard[], results: Tried[]): Promise<string> => {
  const cell = (command: string, hazard: string): string => {
    const found = results.find((result) => result.command === command && result.hazard === hazard);
    if (!found || found.tried === 0) return '-';
    const held = found.tried - found.failures.length;
    return held === found.tried ? String(held) : `**${held} of ${found.tried}**`;
  };
  const table = (columns: Hazard[]): string =>
    [
      ['command', ...columns.map(({ title }) => title)],
      columns.map(() => '---').concat('---'),
      ...commands.map(({ title }) => [`\`${title}\``, ...columns.map((column) => cell(title, column.title))]),
    ]
      .map((row) => `| ${row.join(' | ')} |`)
      .join('\n');
  const meanings = hazards.map(({ title, meaning, promise }) => `| ${title} | ${meaning} | ${promise} |`).join('\n');
  const tried = results.reduce((sum, one) => sum + one.tried, 0);
  const held = tried - results.reduce((sum, { failures }) => sum + failures.length, 0);
  const text = `<!-- Written by npm run test:faults. Do not edit: change test/faults/report.ts instead. -->

# Reliability

What happens when something goes wrong halfway? \`npm run test:faults\` tries it: for each command, each kind of fault, at each
request that the command makes; and what can happen to the process and to the disk. Every trial has a practice org of its own
([practice-org.md](practice-org.md)). Of ${tried} trials, ${held} held.

A trial holds when all of this is so:

- The command goes well, or it fails with a stable name, a message for people and a next step, as the column promises.
- The org is as it was before, or as it was to be: all its apps, settings, key pairs and records are compared. A command that
  makes a user goes step by step; it may stop between two steps, never within one, and says what it has done.
- The files of the command are whole, or as they were. Nothing else is left behind.
- No secret, token or private key was printed, nor is one in the log, which is kept at level \`trace\` meanwhile.
- The same command run a second time, with nothing going wrong, succeeds: afterwards the org and the files are as wanted, and
  this machine remembers nothing to be tidied up.

## What was tried

A cell is the number of places that were tried; a fat one says how many of them held. \`-\`: cannot happen to this command.

${table(hazards.slice(0, 8))}

${table(hazards.slice(8))}

| what goes wrong | in detail | what is promised |
| --- | --- | --- |
${meanings}

## What is promised

- **One bad moment needs no help.** A server error, a connection that is cut, an answer that is lost, a row that is locked, a
  session that has ended and can be renewed: the command tries again, with growing pauses and a bound, and goes well.
- **No app is half written.** What belongs to an app goes to the org in one deploy, all or nothing, and what an earlier run has
  sent is looked up before it is sent again.
- **What was opened is closed.** The org's switch that lets the REST API return secrets is put back also after a failure and
  after Ctrl-C; after \`kill -9\` the next run puts it back.
- **A rotation never leaves an app without a working pair.**
- **Runs on one machine do not undo each other's work.** They write one after the other, and who comes later merges into what is
  there by then.
- **The same command again goes on from where it was.**

## What is not promised

- Nothing here was measured against a live org: the practice org stands in for it, with the faults that were reported or that
  jsforce's source expects. Where its wording differs from Salesforce's, an error may be named less well.
- A fault that stays is not outwaited: after the last try the command fails and says so.
- After \`kill -9\` the switch for secrets may stay open until the next run on the same machine, and a staged key pair may stay
  staged until the next \`credentials rotate\`.
- A token that the org gave and whose answer was lost cannot be revoked; it ends by itself.
- Two runs at once that do the same: the second may fail with a clear error, and has to be run again.
- Two runs at once on different machines that change the same component of an app: Salesforce takes components whole and does
  not say that one has changed meanwhile, so the later run may undo what the earlier one did. On one machine they take turns.
`;
  return format(text, { parser: 'markdown', printWidth: 120, singleQuote: true });
};
