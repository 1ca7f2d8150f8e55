import type { Flow } from './app.ts';
import { fixes, type Known, NOTHING_KNOWN } from './fixes.ts';
import { type CauseId, mayUseApi, remedies, type Row } from './refusals/causes.ts';
import { LOGIN_ROWS } from './refusals/logins.ts';
import { NETWORK_ROWS } from './refusals/network.ts';
import { REQUEST_ROWS } from './refusals/requests.ts';
import { say, type Text } from './text.ts';

/** What Salesforce answered instead of a token, a login page or data: the error's name and its text. */
export type Refusal = { error: string; description: string };

/** One possible cause, and what to do about it. */
export type Cause = {
  /** The cause's name, for tests, scripts and documentation. */
  id: string;
  cause: Text;
  fix: Text;
};

/** Why Salesforce refused, and what fixes it. */
export type Explanation = Cause & {
  /** Further possible causes of the same answer, the likeliest first; empty where the answer has one cause alone. */
  others: Cause[];
  /** May go away by itself: it takes some minutes until every server knows a new app, or a change. */
  mayPass: boolean;
};

/**
 * From what Salesforce answers to its causes; the first row that fits counts. The answers were reported from live orgs, or stand
 * in Salesforce's lists:
 * - Salesforce Help, "OAuth 2.0 Authorization Errors" and "OAuth 1.0.A Authorization Error Codes"
 * - the token endpoint's codes in the Salesforce Mobile SDK (`OAuthErrorCode`)
 * - Object Reference, EventLogFile, "Login Event Type: LOGIN_STATUS Values", whose texts the login history shows
 * - REST API Developer Guide, "Status Codes and Error Responses"; SOAP API Developer Guide, `ExceptionCode`
 * - Salesforce DX Developer Guide, "Scratch Org Error Codes", and the texts for these codes in `@salesforce/core`
 *
 * The identity URL has codes of its own. Bad_OAuth_Token was reported (jsforce, issue 736), and so was Bad_Id
 * (SwiftlySalesforce, issue 120). No source was found for Wrong_Org, HTTPS_Required and Missing_OAuth_Token, also when
 * searched again in November 2026.
 *
 * Of the first page, the examples of each flow were at hand, and not the whole table of codes. Codes of the later lists fill
 * the gap. The rest are the standard ones (RFC 6749, 6750, 8628, 9449; OpenID Connect Core). Where the wording is not certain,
 * the row has the error's name alone.
 */
const ROWS: Row[] = [...NETWORK_ROWS, ...LOGIN_ROWS, ...REQUEST_ROWS];

/** What is known of the app may rule a cause out. */
const possible: Partial<Record<CauseId, (known: Known) => boolean>> = {
  appNotInOrg: ({ orgConsumerKey }) => orgConsumerKey === undefined,
  challengeMissing: ({ app }) => app.oauth?.pkceRequired !== false,
  notApproved: ({ app }) => app.policies?.permittedUsers !== 'all-users',
  scopeMissing: (known) => !mayUseApi(known),
};

/** An error's name without what clients change in it: capital letters, and underscores. */
const plainCode = (code: string): string =>
  code
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');

const SAML_CODES = /^login_saml_/;

const fits = (row: Row, { error, description }: Refusal, flow: Flow | undefined, known: Known): boolean =>
  (error === ''
    ? (row.words ?? row.says)?.test(description) === true
    : (row.codes === undefined || row.codes.includes(plainCode(error))) &&
      (row.says === undefined || row.says.test(description))) &&
  (row.flows === undefined || (flow !== undefined && row.flows.includes(flow))) &&
  (row.when === undefined || row.when(known));

/** A row that knows the error's name and nothing of its description, and has several causes. */
const isVague = ({ causes, says }: Row, { description }: Refusal): boolean =>
  causes.length > 1 && says === undefined && description !== '';

const rowFor = (refusal: Refusal, flow: Flow | undefined, known: Known): Row | undefined => {
  if (SAML_CODES.test(plainCode(refusal.error))) return { causes: ['saml'] };
  const byName = ROWS.find((row) => fits(row, refusal, flow, known));
  if (byName && !isVague(byName, refusal)) return byName;
  // A name that nobody knows, or that has many causes, may come with words that are known.
  return (
    (refusal.error === '' ? undefined : ROWS.find((row) => fits(row, { ...refusal, error: '' }, flow, known))) ?? byName
  );
};

/** Explains a refusal. An answer that no row knows is passed on as it is, with the way to the app's page. */
export const explain = (refusal: Refusal, flow?: Flow, known: Known = NOTHING_KNOWN): Explanation => {
  const row = rowFor(refusal, flow, known);
  if (!row)
    return { id: 'unknown', cause: say('cause.unknown'), fix: fixes.askSalesforce(known), others: [], mayPass: false };
  const left = row.causes.filter((id) => possible[id]?.(known) ?? true);
  const [first = row.causes[0], ...others] = left;
  const causeOf = (id: CauseId): Cause => ({ id, cause: say(`cause.${id}`), fix: remedies[id](known, flow) });
  return { ...causeOf(first), others: others.map(causeOf), mayPass: row.mayPass ?? false };
};

/** All causes of a refusal, the likeliest first. */
export const causesOf = ({ others, ...first }: Explanation): [Cause, ...Cause[]] => [
  { id: first.id, cause: first.cause, fix: first.fix },
  ...others,
];

/** Is this the name of an error that the table knows? */
export const isKnownCode = (code: string): boolean =>
  SAML_CODES.test(plainCode(code)) || KNOWN_CODES.has(plainCode(code));

/** The names of errors that the table knows, in small letters. */
export const KNOWN_CODES: ReadonlySet<string> = new Set(ROWS.flatMap(({ codes = [] }) => codes));

/** All that the table knows, for its tests and for the documentation. */
export const explanationIds: readonly string[] = Object.keys(remedies);
