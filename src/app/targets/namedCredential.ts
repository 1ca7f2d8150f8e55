import { isPlain } from '../plainText.ts';
import { type Problem, quotable } from '../problem.ts';
import { type Item, PLACE_FLAGS } from './target.ts';
import type { SendFlags, TargetName } from './targets.ts';

/** The kind of target that is an org and no program: a principal of an external credential there. */
export const NAMED_CREDENTIAL = 'named-credential';

/** Where in an org the values go. Both are developer names. */
export type PrincipalPlace = { externalCredential: string; principal: string };

/** The values of an external credential for the client-credentials flow, with the names that Salesforce gives them. */
export const PRINCIPAL_ITEMS = [
  { name: 'clientId', holds: 'consumerKey' },
  { name: 'clientSecret', holds: 'consumerSecret' },
] as const satisfies Item[];

type Flags = Omit<SendFlags, 'to'> & {
  to: TargetName | typeof NAMED_CREDENTIAL;
  'destination-org'?: unknown;
  'external-credential'?: string;
  principal?: string;
  replace?: boolean;
};

const OWN_FLAGS = ['destination-org', 'external-credential', 'principal', 'replace'] as const;

const FLAGS_OF_OTHERS = [...PLACE_FLAGS, 'input', 'key-name', 'secret-name'] as const;

/** A flag that says something about another kind of target. */
export const strayFlag = (flags: Flags): Problem | undefined => {
  const others = flags.to === NAMED_CREDENTIAL ? FLAGS_OF_OTHERS : OWN_FLAGS;
  const stray = others.find((flag) => flags[flag] !== undefined && flags[flag] !== false);
  return stray === undefined ? undefined : { code: 'error.flagOfOtherTarget', values: [`--${stray}`, flags.to] };
};

/** What is wrong with the names of a principal, before anything is asked. An org's own check comes later. */
export const checkPrincipal = ({ externalCredential, principal }: PrincipalPlace): Problem | undefined => {
  if (!/^[A-Za-z]\w{0,79}$/.test(externalCredential))
    return { code: 'error.placeInvalid', values: ['--external-credential', quotable(externalCredential)] };
  return principal.trim() === '' || !isPlain(principal)
    ? { code: 'error.placeInvalid', values: ['--principal', quotable(principal)] }
    : undefined;
};

/**
 * The words of `credentials send` that write the same principal again. It has values by then.
 *
 * @param username of the login to the principal's org
 */
export const principalWords = (username: string, { externalCredential, principal }: PrincipalPlace): string[] => [
  ...['--to', NAMED_CREDENTIAL, '--destination-org', username, '--external-credential', externalCredential],
  ...(principal.startsWith('-') ? [`--principal=${principal}`] : ['--principal', principal]),
  '--replace',
];
