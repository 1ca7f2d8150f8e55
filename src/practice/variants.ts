/**
 * Where nobody knows what a live org does, the practice org can do either. One entry per open question, with its
 * possible answers. The first is the default answer.
 */
export const VARIANTS = {
  /** OAuth settings that name no scope. */
  'no-scopes': ['accepted', 'refused'],
  /** Does PKCE stay required once it was? Reported: a deploy that turns it off succeeds and reads back true. */
  'pkce-sticky': ['yes', 'no'],
  /** How the fourth IP relaxation is spelled: the type definitions say one, a live org's error another. */
  'enforce-relax-refresh': ['both', 'Enforce_RelaxRefresh', 'Enforce_relaxrefresh'],
  /**
   * Does a staged key pair get tokens before it is promoted? One report (lekkimworld.com) says that the flow works like
   * the other one.
   */
  'staged-pair': ['works', 'unknown'],
  /** The error of client credentials when only one of the two switches is on. */
  'client-credentials-half-on': ['no-user', 'unsupported'],
  /** Does a lockout after wrong passwords stop flows that need no password? */
  'locked-out-user': ['refused', 'let-in'],
  /** Which `aud` a JWT bearer assertion may have. */
  'jwt-audience': ['both', 'login-host', 'my-domain'],
  /**
   * The place where API Access Control stops an app without an admin's approval. It is at API calls, or also at token
   * requests.
   */
  'api-access-control': ['api', 'login'],
  /**
   * The answer to a JWT bearer assertion that was signed with another certificate's key: both answers were reported.
   */
  'jwt-wrong-certificate': ['invalid-assertion', 'invalid-client'],
  /**
   * A JWT bearer assertion signed for a certificate that is out of date. One report quotes Salesforce: the org does
   * nothing, by design.
   */
  'expired-certificate': ['accepted', 'refused'],
  /** The answer of the credentials resources while secret access is off. */
  'secret-access-off': ['error', 'omitted'],
  /** Does SOAP take JWT-format tokens from API v68 on, as jsforce says, or never, as was reported before? */
  'jwt-over-soap': ['never', 'from-v68'],
  /**
   * Does readMetadata take every type of an external client app? Salesforce's guide says so of all types, and it does not take
   * ApexClass all the same. Somebody read ExtlClntAppGlobalOauthSettings in a live org; nobody reported any other type.
   */
  'read-metadata': ['works', 'refused'],
  /**
   * The text of LoginHistory for an OAuth login. A live org showed its label (2026); the guide lists its API name. A query
   * that somebody ran in a live org had the label "Remote Access Client".
   */
  'login-type': ['label', 'name', 'client'],
  /**
   * The answer to a retrieve of a Connected App that was made in another org. Both were reported. In both cases the other
   * components of the retrieve are returned.
   */
  'vendor-connected-app': ['not-found', 'load-failed'],
  /** An edited Connected App whose file has the consumer key that the app has. Another key is refused (reported). */
  'same-consumer-key': ['accepted', 'refused'],
  /** An external client app with the name of a Connected App. One tool warns of it; Salesforce's own button makes such a pair. */
  'same-name-as-connected-app': ['refused', 'accepted'],
  /** A consumer key that a Connected App of the org has, chosen for a new app. Keys have to be unique, says the guide. */
  'key-of-connected-app': ['refused', 'accepted'],
  /** The error of a token request by a blocked consumer. At the authorize page it is the first one (reported). */
  'blocked-token-request': ['OAUTH_APP_BLOCKED', 'app_blocked'],
  /** Is a login that fails because its consumer is blocked in LoginHistory? */
  'blocked-login': ['recorded', 'not-recorded'],
  /** Does a destructive change of BlacklistedConsumer unblock its consumer? Setup has a button for it. */
  'unblock-by-deletion': ['works', 'refused'],
  /** The deletion of a Connected App that shares its key with an external client app: Salesforce's button made that app. */
  'delete-migrated-app': ['alone', 'refused', 'with-new-app'],
  /** Does Salesforce's button carry the policies of a Connected App? Nobody lists what it carries besides key and secret. */
  'button-policies': ['carried', 'defaults'],
  /**
   * May a user without View Setup and Configuration, such as an integration user, query Organization? Reported of the profile
   * "Minimum Access - API Only Integrations": INVALID_TYPE.
   */
  'organization-without-view-setup': ['refused', 'allowed'],
  /** Is an external client app in the app menu, and do its tokens name their item there? Live clients have met both. */
  'app-menu-item': ['linked', 'none'],
  /**
   * Does Salesforce return the certificate of the global settings? Five live reports say yes for a certificate that was
   * deployed. They are files of four orgs, and a set-up script that compares fingerprints. Two reports say no.
   */
  'certificate-retrieved': ['always', 'never'],
  /** A consumer key chosen in the metadata of a new app. */
  'chosen-consumer-key': ['accepted', 'refused'],
  /** Another consumer key for an app that has one. Nobody reported either; the key of a connected app cannot be changed. */
  'changed-consumer-key': ['taken', 'refused'],
  /**
   * SetupEntityAccess records that the OAuth policies do not name, when these policies are written. One precise live
   * report says that Salesforce deletes them, and no report says that they survive.
   */
  'setup-entity-access': ['goes', 'survives'],
  /**
   * A later deploy gives other names to the policies that the org made by itself. Two live reports: refused as a
   * duplicate. One live report: such a deploy succeeds.
   */
  'default-policy': ['at-once', 'taken-over'],
  /** The field that the error about second OAuth policies names: two live reports say the first, one the second. */
  'duplicate-policy': ['ExtlClntAppOauthSettingsId', 'ExternalClientApplicationId'],
  /** `updateMetadata` of ExtlClntAppConfigurablePolicies without `isEnabled`: the types require it, a shipped product omits it. */
  'update-without-enabled': ['refused', 'taken'],
  /** Staging a key pair while the slot holds the old, Rotated pair. Help says one staged pair; a shipped product stages anyway. */
  'staged-slot': ['refused', 'replaced'],
  /** At a rotation, does the id of the staged pair stay with the slot, or go with the pair? */
  'staged-id': ['slot', 'pair'],
  /**
   * Who makes ExtlClntAppOauthSecuritySettings for an app that has none: a deploy, or the org together with the OAuth settings?
   * Nobody reported either. A retrieve gave such settings for an app that was made in Setup.
   */
  'security-settings': ['made-by-deploy', 'made-by-org'],
  /** Staging a key pair for a packaged app. Salesforce Help says that only local apps can. */
  'staged-packaged-app': ['refused', 'taken'],
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
export const chosenVariants = (asked: Record<string, string> = {}): Variants => {
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
};
