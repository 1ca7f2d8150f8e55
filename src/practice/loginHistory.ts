import type { LoginProblem } from './logins.ts';
import { OauthRefusal } from './oauth/refusal.ts';
import type { PracticeOrg, SObjectRecord } from './org.ts';

/**
 * The history of logins, with user, time, address and kind: the rows of LoginHistory, and User.LastLoginDate. Its
 * fields and the names of the flows are those of the Object Reference. In LoginHistory a refresh is a login of its own.
 * JWT bearer, device, and code and credentials have no name, so their LoginSubType is empty.
 */

/** How somebody logs in: on the login page, or by one of the flows of OAuth. */
export type Way =
  | 'login-page'
  | 'web-server'
  | 'user-agent'
  | 'username-password'
  | 'refresh'
  | 'client-credentials'
  | 'token-exchange'
  | 'jwt-bearer'
  | 'device'
  | 'code-and-credentials';

const SUBTYPES: Record<Way, string | null> = {
  'login-page': 'UsernamePasswordUiLogin',
  'web-server': 'OauthWebServer',
  'user-agent': 'OauthUserAgent',
  'username-password': 'OauthUsernamePassword',
  refresh: 'OauthRefreshToken',
  'client-credentials': 'OauthClientCredentials',
  'token-exchange': 'OauthTokenExchange',
  'jwt-bearer': null,
  device: null,
  'code-and-credentials': null,
};

/** A try to log in. `application` is the app's label, or what the org calls a browser. */
type Attempt = {
  userId: string;
  way: Way;
  application: string;
  /** This machine's, when absent. */
  sourceIp?: string;
};

type Login = Attempt & {
  id: string;
  at: number;
  status: string;
  /** Its record, from the first query on: there may be a hundred thousand, and a login never changes. */
  row?: SObjectRecord;
};

export const SUCCESS = 'Success';

/** Logins that are kept: a live org keeps six months. Beyond this number, the oldest tenth is removed at once. */
const MOST_LOGINS = 200_000;

const historyByOrg = new WeakMap<PracticeOrg, Login[]>();

const loginsOf = (org: PracticeOrg): Login[] => {
  const there = historyByOrg.get(org);
  if (there) return there;
  const made: Login[] = [];
  historyByOrg.set(org, made);
  return made;
};

/** Writes a try down; `status` is Success or why it failed. A success is the user's last login. */
export const noteLogin = (org: PracticeOrg, attempt: Attempt, status: string): void => {
  const logins = loginsOf(org);
  const now = org.now();
  logins.push({ ...attempt, id: org.newId('LoginHistory'), at: now.getTime(), status });
  if (logins.length > MOST_LOGINS) logins.splice(0, MOST_LOGINS / 10);
  const user = org.record('User', attempt.userId);
  // Not by `update`: nobody has changed the user.
  if (user && status === SUCCESS) user.LastLoginDate = now.toISOString();
};

/**
 * The status of a login that failed. The words are those that the Object Reference has for the statuses of logins (EventLogFile,
 * "LOGIN_STATUS Values"); "Not approved for access" was reported of LoginHistory itself.
 */
export const STATUS: Record<LoginProblem, string> = {
  inactive: 'User is inactive',
  frozen: 'User is frozen',
  'locked-out': 'Password lockout',
  'wrong-password': 'Invalid password',
};

const STATUS_BY_DESCRIPTION: Record<string, string> = {
  'user is inactive': STATUS.inactive,
  'user is not admin approved to access this app': 'Failed: Not approved for access',
  "user hasn't approved this consumer": 'Failed: Not approved for access',
  'ip restricted': 'Restricted IP',
  'ip restricted by app developer': 'Restricted IP',
};

/**
 * Does the work of a login and writes down how it went. A refusal is recorded and thrown again; any other error is no
 * login.
 */
export const asLogin = async <Result>(
  org: PracticeOrg,
  attempt: Attempt,
  work: () => Promise<Result>,
): Promise<Result> => {
  try {
    const result = await work();
    noteLogin(org, attempt, SUCCESS);
    return result;
  } catch (error) {
    if (error instanceof OauthRefusal) {
      noteLogin(org, attempt, STATUS_BY_DESCRIPTION[error.description] ?? `Failed: ${error.description}`);
    }
    throw error;
  }
};

/** The LoginType of an OAuth login, by the variant. */
const LOGIN_TYPES = { label: 'Remote Access 2.0', name: 'Oauth2', client: 'Remote Access Client' };

/** The records of LoginHistory that a user may see: all of them with the permission, else the user's own. */
export const loginHistoryRows = (org: PracticeOrg, userId: string): SObjectRecord[] => {
  const all = org.can(userId, 'ManageUsers') || org.can(userId, 'MonitorLoginHistory');
  const loginType = LOGIN_TYPES[org.variants['login-type']];
  const loginUrl = new URL(org.instanceUrl).host;
  return loginsOf(org)
    .filter((login) => all || login.userId === userId)
    .map((login) => {
      login.row ??= {
        Id: login.id,
        UserId: login.userId,
        LoginTime: new Date(login.at).toISOString(),
        LoginType: login.way === 'login-page' ? 'Application' : loginType,
        LoginSubType: SUBTYPES[login.way],
        Application: login.application,
        Status: login.status,
        SourceIp: login.sourceIp ?? '127.0.0.1',
        LoginUrl: loginUrl,
        ApiType: 'N/A',
        ApiVersion: 'N/A',
        ClientVersion: 'N/A',
        Browser: 'Unknown',
        Platform: 'Unknown',
        TlsProtocol: 'Unknown',
        OptionsIsGet: false,
        OptionsIsPost: true,
      };
      return login.row;
    });
};
