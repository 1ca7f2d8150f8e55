/**
 * Where nobody knows what a live org does, the practice org can do either. One entry per open question: the answers there
 * are, the first of which is the one it gives when nothing is said.
 */
export const VARIANTS = {
  /** OAuth settings that name no scope. */
  'no-scopes': ['accepted', 'refused'],
  /** Does PKCE stay required once it was? Reported: a deploy that turns it off succeeds and reads back true. */
  'pkce-sticky': ['yes', 'no'],
  /** How the fourth IP relaxation is spelled: the type definitions say one, a live org's error another. */
  'enforce-relax-refresh': ['both', 'Enforce_RelaxRefresh', 'Enforce_relaxrefresh'],
  /** Does a staged key pair get tokens before it is promoted? One report (lekkimworld.com) says that it works like the other. */
  'staged-pair': ['works', 'unknown'],
  /** What client credentials say when only one of the two switches is on. */
  'client-credentials-half-on': ['no-user', 'unsupported'],
  /** Does a lockout after wrong passwords stop flows that need no password? */
  'locked-out-user': ['refused', 'let-in'],
  /** Which `aud` a JWT bearer assertion may have. */
  'jwt-audience': ['both', 'login-host', 'my-domain'],
  /** Where API Access Control stops an app that no admin has approved: at its API calls, or where it asks for tokens too. */
  'api-access-control': ['api', 'login'],
  /** What a JWT bearer assertion gets that another certificate signed: both were reported. */
  'jwt-wrong-certificate': ['invalid-assertion', 'invalid-client'],
  /** A JWT bearer assertion signed for a certificate that is out of date. One report quotes Salesforce: nothing happens, by design. */
  'expired-certificate': ['accepted', 'refused'],
  /** What the credentials resources do while secret access is off. */
  'secret-access-off': ['error', 'omitted'],
  /** Does SOAP take JWT-format tokens from API v68 on, as jsforce says, or never, as was reported before? */
  'jwt-over-soap': ['never', 'from-v68'],
  /**
   * Do global settings come back with the certificate? Reported: no; yet files of four real orgs (2025-2026), which look
   * retrieved, consumer key and all, have one.
   */
  'certificate-retrieved': ['never', 'always'],
  /** A consumer key chosen in the metadata of a new app. */
  'chosen-consumer-key': ['accepted', 'refused'],
  /**
   * What becomes of the SetupEntityAccess of an app when its OAuth policies are deployed: one live org was reported to take away
   * all that the policies' own lists do not name.
   */
  'setup-entity-access': ['survives', 'goes'],
} as const satisfies Record<string, readonly [string, ...string[]]>;

export type VariantName = keyof typeof VARIANTS;
export type Variants = { [Name in VariantName]: (typeof VARIANTS)[Name][number] };

/** Thrown for a variant, or an answer to one, that does not exist. `known` lists what does. */
export class UnknownVariant extends Error {
  readonly known: string[];

  constructor(text: string, known: string[]) {
    super(`${text} is no variant of the practice org.`);
    this.known = known;
  }
}

/** The answers asked for, completed with the ones given when nothing is said. */
export function chosenVariants(asked: Record<string, string> = {}): Variants {
  const chosen: Record<string, string> = Object.fromEntries(
    Object.entries(VARIANTS).map(([name, answers]) => [name, answers[0]]),
  );
  for (const [name, answer] of Object.entries(asked)) {
    const answers: readonly string[] | undefined = VARIANTS[name as VariantName];
    if (!answers) throw new UnknownVariant(name, Object.keys(VARIANTS));
    if (!answers.includes(answer))
      throw new UnknownVariant(
        `${name}=${answer}`,
        answers.map((one) => `${name}=${one}`),
      );
    chosen[name] = answer;
  }
  return chosen as Variants;
}
