import type { TargetOrg } from '../app/targetOrg.ts';
import { StandardColors } from '../salesforce.ts';
import { texts } from '../texts.ts';
import type { Screen } from './screen.ts';

const messages = texts('eca');

const kindOf = ({ production }: TargetOrg): { coloured: string } => {
  const kind = messages.getMessage(production ? 'targetOrg.production' : 'targetOrg.notProduction');
  return { coloured: production ? StandardColors.warning(kind) : kind };
};

/** The org by its names, and whether it is a production org. */
export const orgLine = (org: TargetOrg): string => {
  const { alias, username } = org;
  return alias === undefined
    ? messages.getMessage('targetOrg.username', [username, kindOf(org)])
    : messages.getMessage('targetOrg.alias', [alias, username, kindOf(org)]);
};

/** An org in the middle of a sentence, with its kind. */
export const orgInWords = (org: TargetOrg): string =>
  messages.getMessage('targetOrg.inWords', [org.alias ?? org.username, kindOf(org)]);

/** Names the org that a command writes to, as soon as its kind is known. It is the first line of such a command, on stderr. */
export const nameOrg =
  (screen: Pick<Screen, 'logToStderr'>) =>
  async (reading: Promise<TargetOrg>): Promise<TargetOrg> => {
    const org = await reading;
    screen.logToStderr(orgLine(org));
    return org;
  };

/** A question about a write, which names the org. */
export const askedOf = (org: TargetOrg, question: string): string =>
  messages.getMessage('targetOrg.question', [org.alias ?? org.username, kindOf(org), question]);
