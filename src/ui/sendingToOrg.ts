import type { Org } from '@salesforce/core';

import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import type { TargetOrg } from '../app/targetOrg.ts';
import {
  checkPrincipal,
  NAMED_CREDENTIAL,
  PRINCIPAL_ITEMS,
  type PrincipalPlace,
} from '../app/targets/namedCredential.ts';
import { TARGET_NAMES } from '../app/targets/targets.ts';
import { Flags } from '../salesforce.ts';
import { texts } from '../texts.ts';
import { refuse } from './credentials.ts';
import { needFlags, PROMPTS } from './prompts.ts';
import type { Screen } from './screen.ts';
import { questionOf, sentInto, type SentTo } from './sending.ts';
import { orgInWords } from './targetOrg.ts';

const messages = texts('eca.credentials.send');

/** Every kind of target: a program, or an org. */
export const anyTargetFlag = Flags.option({
  options: [...TARGET_NAMES, NAMED_CREDENTIAL] as const,
  summary: messages.getMessage('flags.to.summary'),
  description: messages.getMessage('flags.to.description'),
})();

/** Where in an org the values go. */
export const ORG_TARGET_FLAGS = {
  'destination-org': Flags.optionalOrg({
    char: undefined, // -o is the org of the app.
    default: undefined,
    summary: messages.getMessage('flags.destination-org.summary'),
    description: messages.getMessage('flags.destination-org.description'),
  }),
  'external-credential': Flags.string({ summary: messages.getMessage('flags.external-credential.summary') }),
  principal: Flags.string({ summary: messages.getMessage('flags.principal.summary') }),
  replace: Flags.boolean({
    summary: messages.getMessage('flags.replace.summary'),
    description: messages.getMessage('flags.replace.description'),
  }),
};

type OrgFlags = { 'destination-org'?: Org; 'external-credential'?: string; principal?: string };

/**
 * The org and the principal. A user at a terminal is asked for the names that are missing, and not for the org.
 *
 * @throws error.flagsMissing, error.placeInvalid (exit code 2)
 */
export const askForPrincipal = async (
  asking: boolean,
  flags: OrgFlags,
): Promise<{ destination: Org; place: PrincipalPlace }> => {
  const [org, external, principal] = ['destination-org', 'external-credential', 'principal'] as const;
  const ask = (flag: string) => (): Promise<string> =>
    PROMPTS.text({ message: messages.getMessage('prompt.place', [`--${flag}`]) });
  const needed = {
    [org]: { given: flags[org], ask: () => Promise.reject(new Error('An org is not asked for.')) },
    [external]: { given: flags[external], ask: ask(external) },
    [principal]: { given: flags[principal], ask: ask(principal) },
  };
  const said = await needFlags<Required<OrgFlags>>(asking && flags[org] !== undefined, needed);
  const place = { externalCredential: said[external], principal: said[principal] };
  refuse(checkPrincipal(place), EXIT_CODE_FOR.wrongFlags);
  return { destination: said[org], place };
};

/** The principal and its org in words, with the kind of org. */
export const principalInWords = ({ externalCredential, principal }: PrincipalPlace, org: TargetOrg): string =>
  messages.getMessage('where.named-credential', [externalCredential, principal, orgInWords(org)]);

/** What the result says of the principal, and the question before the values leave the app's org. */
export const toldOfPrincipal = (
  name: string,
  where: string,
  existing: string[],
): { told: SentTo; question: string } => ({
  told: sentInto(NAMED_CREDENTIAL, where, PRINCIPAL_ITEMS, existing),
  question: questionOf(name, where, existing),
});

/** What will be written, and what is there already. */
export const showPrincipalPlan = (
  screen: Pick<Screen, 'log'>,
  { name, where, existing }: { name: string; where: string; existing: string[] },
): void => {
  screen.log(messages.getMessage('plan', [name, where]));
  for (const item of PRINCIPAL_ITEMS) {
    const key = existing.includes(item.name) ? 'plan.replaces' : 'plan.item';
    screen.log(messages.getMessage(key, [item.name, messages.getMessage(`holds.${item.holds}`)]));
  }
  screen.log(messages.getMessage('plan.request'));
};

/**
 * A write replaces all values of a principal, so a principal with values needs a word of its own.
 *
 * @throws error.principalConfigured
 */
export const requireReplace = (where: string, existing: string[], replace: boolean): void => {
  if (existing.length > 0 && !replace)
    throw messages.createError('error.principalConfigured', [where, existing.join(', ')], []);
};

/** The destination org gets its tokens at the address in the external credential. The app's own org has to be there. */
export const warnOfTokenUrl = (
  screen: Pick<Screen, 'warn'>,
  externalCredential: string,
  tokenUrl: string | undefined,
  instanceUrl: string,
): void => {
  if (tokenUrl === undefined) return;
  const { origin } = new URL(instanceUrl);
  if (URL.canParse(tokenUrl) && new URL(tokenUrl).origin === origin) return;
  const right = `${origin}/services/oauth2/token`;
  screen.warn(messages.createWarning('warning.tokenUrl', [externalCredential, tokenUrl, right], [right]));
};

/** Tells that the values are there. */
export const showWritten = (screen: Pick<Screen, 'log' | 'logSuccess'>, name: string, where: string): void => {
  screen.logSuccess(messages.getMessage('sent', [name, where]));
  for (const item of PRINCIPAL_ITEMS)
    screen.log(messages.getMessage('plan.item', [item.name, messages.getMessage(`holds.${item.holds}`)]));
};
