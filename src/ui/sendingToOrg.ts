import type { Org } from '@salesforce/core';

import { EXIT_CODE_FOR } from '../app/exitCodes.ts';
import type { TargetOrg } from '../app/targetOrg.ts';
import type { Pair } from '../app/targets/input.ts';
import {
  checkPrincipal,
  NAMED_CREDENTIAL,
  PRINCIPAL_ITEMS,
  type PrincipalPlace,
  strayFlag,
} from '../app/targets/namedCredential.ts';
import { type SendFlags, TARGET_NAMES } from '../app/targets/targets.ts';
import { findOrg, Flags } from '../salesforce.ts';
import { texts } from '../texts.ts';
import { refuse } from './credentials.ts';
import { needFlags, PROMPTS } from './prompts.ts';
import type { Screen } from './screen.ts';
import { askForDestination, questionOf, type ReadyTarget, sentInto } from './sending.ts';
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

type OrgFlags = { 'destination-org'?: Org; 'external-credential'?: string; principal?: string; replace?: boolean };

type PlaceFlags = Omit<SendFlags, 'to'> & OrgFlags & { to?: SendFlags['to'] | typeof NAMED_CREDENTIAL };

/** Where the values go, as the user said it: a program, or a principal in an org. */
export type SaidPlace = Awaited<ReturnType<typeof askForDestination>> | { destinationOrg: Org; place: PrincipalPlace };

/**
 * Where the flags send to. A user at a terminal is asked for what they lack.
 *
 * @param program the user's own command
 * @throws error.flagsMissing, error.flagOfOtherTarget, error.placeInvalid, error.programNotTaken; what checkDestination finds (exit
 *   code 2)
 */
export const askForPlace = async (asking: boolean, flags: PlaceFlags, program: string[]): Promise<SaidPlace> => {
  const choices = ([...TARGET_NAMES, NAMED_CREDENTIAL] as const).map((value) => ({
    value,
    name: messages.getMessage(`target.${value}`),
  }));
  const ask = (): Promise<(typeof choices)[number]['value']> =>
    PROMPTS.choice({ message: messages.getMessage('prompt.to'), choices });
  const { to } = await needFlags(asking, { to: { given: flags.to, ask } });
  refuse(strayFlag({ ...flags, to }), EXIT_CODE_FOR.wrongFlags);
  if (to !== NAMED_CREDENTIAL) return askForDestination(asking, { ...flags, to }, program);
  if (program.length > 0) refuse({ code: 'error.programNotTaken', values: [to] }, EXIT_CODE_FOR.wrongFlags);
  return askForPrincipal(asking, flags);
};

const askForPrincipal = async (
  asking: boolean,
  flags: OrgFlags,
): Promise<Extract<SaidPlace, { place: PrincipalPlace }>> => {
  const [org, external, principal] = ['destination-org', 'external-credential', 'principal'] as const;
  const ask = (flag: string) => (): Promise<string> =>
    PROMPTS.text({ message: messages.getMessage('prompt.place', [`--${flag}`]) });
  const said = await needFlags(asking, {
    [org]: { given: flags[org], ask: async (): Promise<Org> => findOrg(await ask(org)()) },
    [external]: { given: flags[external], ask: ask(external) },
    [principal]: { given: flags[principal], ask: ask(principal) },
  });
  const place = { externalCredential: said[external], principal: said[principal] };
  refuse(checkPrincipal(place), EXIT_CODE_FOR.wrongFlags);
  return { destinationOrg: said[org], place };
};

/** A principal after the look at it, and how it gets a pair. */
type Looked = {
  org: TargetOrg;
  principal: { place: PrincipalPlace; existing: string[]; tokenUrl?: string };
  words: string[];
  write: (pair: Pair, signal: AbortSignal) => Promise<void>;
};

/**
 * A principal that takes a pair. A write replaces all values of a principal, so a principal with values needs a word of its own.
 *
 * @param options.isReplaced may values that are there be replaced?
 * @param options.tokensFrom the address of the app's own org
 * @throws error.principalConfigured
 */
export const principalTarget = (
  screen: Pick<Screen, 'warn'>,
  { org, principal, words, write }: Looked,
  { name, isReplaced, tokensFrom }: { name: string; isReplaced: boolean; tokensFrom: string },
): ReadyTarget => {
  const { place, existing, tokenUrl } = principal;
  const values = [place.externalCredential, place.principal, orgInWords(org)] as const;
  const where = messages.getMessage('where.named-credential', [...values]);
  if (existing.length > 0 && !isReplaced)
    throw messages.createError('error.principalConfigured', [where, existing.join(', ')], []);
  warnOfTokenUrl(screen, place.externalCredential, tokenUrl, tokensFrom);
  return {
    told: { ...sentInto(NAMED_CREDENTIAL, where, PRINCIPAL_ITEMS, existing), destinationOrg: org },
    words,
    question: questionOf(name, where, existing),
    showPlan: (show) => showPrincipalPlan(show, { name, where, existing }),
    send: async (telling, pair, signal) => {
      await write(pair, signal);
      telling.spinner.stop();
      showWritten(telling, name, where);
    },
  };
};

/** What will be written, and what is there already. */
const showPrincipalPlan = (
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

/** The destination org gets its tokens at the address in the external credential. The app's own org has to be there. */
const warnOfTokenUrl = (
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
const showWritten = (screen: Pick<Screen, 'log' | 'logSuccess'>, name: string, where: string): void => {
  screen.logSuccess(messages.getMessage('sent', [name, where]));
  for (const item of PRINCIPAL_ITEMS)
    screen.log(messages.getMessage('plan.item', [item.name, messages.getMessage(`holds.${item.holds}`)]));
};
