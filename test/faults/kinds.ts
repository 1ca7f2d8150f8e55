import type { Fault } from '../../src/practice/practice.ts';
import type { LoggedRequest } from '../../src/practice/requestLog.ts';
import type { Login } from './scene.ts';

/** One way in which an org, or the way to it, can fail at a request. */
export type Kind = {
  /** Heads a column of the report. */
  title: string;
  /** What it stands for, for the report. */
  meaning: string;
  fault: Fault['fault'];
  /** The fault stays, from the request on. */
  onwards?: boolean;
  login?: Login;
  /** The requests that it can happen to. */
  hits: (request: LoggedRequest) => boolean;
  /** The same requests, as the practice org's faults name them: then they alone count. Others that run side by side change places. */
  only?: Pick<Fault, 'method' | 'path'>;
  /** Must the command go well all the same, without help? Otherwise it may end with one of these errors. */
  expects: 'success' | RegExp;
};

const isApi = ({ path }: LoggedRequest): boolean =>
  path.startsWith('/services/data') || path.startsWith('/services/Soap');
/**
 * `verify` calls the API's front page with the app's token. A refusal there is its finding, and no login can mend it.
 */
const isByLogin = (request: LoggedRequest): boolean =>
  isApi(request) && !/^\/services\/data\/v[\d.]+\/?$/.test(request.path);
const isDeploy = ({ method, path }: LoggedRequest): boolean => method === 'POST' && path.endsWith('/deployRequest');
const isRecordWrite = ({ method, path }: LoggedRequest): boolean => method !== 'GET' && path.includes('/sobjects/');
const isToken = ({ method, path }: LoggedRequest): boolean => method === 'POST' && path.endsWith('/oauth2/token');
const any = (): boolean => true;

/** Errors that tell of the first one, and of earlier changes that could not be undone or looked at. */
const MIDWAY = ['DeployOutOfSight', 'NotReadBack', 'UserHalfDone', 'StagedPairLeft', 'SecretAccessLeftOpen'];

const oneOf = (...names: string[]): RegExp => new RegExp(`^(${[...names, ...MIDWAY].join('|')})Error$`);

export const KINDS: Kind[] = [
  {
    title: '500',
    meaning: 'HTTP 500 once',
    fault: 'error-500',
    hits: any,
    expects: 'success',
  },
  {
    title: '503',
    meaning: 'HTTP 503 with a web page, once',
    fault: 'html-503',
    hits: any,
    expects: 'success',
  },
  {
    title: 'reset',
    meaning: 'the connection is cut before the org hears of the request',
    fault: 'reset',
    hits: any,
    expects: 'success',
  },
  {
    title: 'answer lost',
    meaning: 'the org does what it was asked for, and the connection is cut before it answers',
    fault: 'answer-lost',
    hits: any,
    expects: 'success',
  },
  {
    title: 'truncated',
    meaning: 'the org does what it was asked for, and half of its answer arrives',
    fault: 'truncated',
    hits: any,
    expects: 'success',
  },
  {
    title: 'hang',
    meaning: 'the request is never answered, once',
    fault: 'hang',
    hits: any,
    expects: 'success',
  },
  {
    title: 'lock',
    meaning: 'a row is locked: a deploy fails with it, or the write of a record',
    fault: 'locked-row',
    hits: (request) => isDeploy(request) || isRecordWrite(request),
    expects: 'success',
  },
  {
    title: 'slow queue',
    meaning: 'a deploy waits in the queue for five seconds',
    fault: 'slow-deploy',
    hits: isDeploy,
    expects: 'success',
  },
  {
    title: 'renewed',
    meaning: '401, with a login that can be renewed',
    fault: 'invalid-session',
    login: 'refresh-token',
    hits: isByLogin,
    expects: 'success',
  },
  {
    title: '401',
    meaning: '401, with an access token alone',
    fault: 'invalid-session',
    hits: isApi,
    expects: oneOf('SessionInvalid'),
  },
  {
    title: 'limit',
    meaning: '403 `REQUEST_LIMIT_EXCEEDED`',
    fault: 'request-limit',
    hits: isApi,
    expects: oneOf('RequestLimit'),
  },
  {
    title: 'not allowed',
    meaning: '403, as API Access Control has it, or the token endpoint for an address that is not allowed',
    fault: 'api-access-control',
    hits: isApi,
    expects: oneOf('OrgSaidNo'),
  },
  {
    title: 'address',
    meaning: 'the token endpoint refuses the address',
    fault: 'ip-restricted',
    hits: isToken,
    only: { method: 'POST', path: '*/oauth2/token' },
    expects: oneOf('StagedPairUnverified', 'NewPairUnverified'),
  },
  {
    title: 'down',
    meaning: 'HTTP 503 with a web page from this request on, for as long as the run lasts',
    fault: 'html-503',
    onwards: true,
    hits: any,
    expects: oneOf('OrgAnsweredHtml', 'OrgBusy'),
  },
];
