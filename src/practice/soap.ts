import { type Context, Hono } from 'hono';

import { mayCallApis } from './apiAccessControl.ts';
import { hasApiScope, type PracticeEnv, REQUEST_LIMIT } from './gate.ts';
import {
  createMetadata,
  type CrudCall,
  deleteMetadata,
  readMetadata,
  updateMetadata,
  upsertMetadata,
} from './metadata/crud.ts';
import { type DeployOptions, DeployRefused } from './metadata/deploy.ts';
import type { Deployments } from './metadata/deployments.ts';
import { manifestOf } from './metadata/manifest.ts';
import { componentsOf, describe, fileProperties, readableType } from './metadata/read.ts';
import { Retrieves } from './metadata/retrieves.ts';
import { OLDEST_API_VERSION, type PracticeOrg, type Session } from './org.ts';
import { Fault } from './soapFault.ts';
import { child, childText, childTexts, escapeXml, parseXml, writeXml, type XmlElement, XmlError } from './xml.ts';
/** The answer of a call: its `result` elements as XML. */
type Operation = (call: CrudCall) => string;

/** The Metadata API over SOAP. */
export const soapRoutes = (org: PracticeOrg, deployments: Deployments): Hono<PracticeEnv> => {
  const routes = new Hono<PracticeEnv>();
  const operations = metadataOperations(org, deployments);

  routes.post('/services/Soap/m/:version', async (c) => {
    try {
      const envelope = parseXml(await c.req.text());
      const call = child(envelope, 'Body')?.children[0];
      const operation = call && Object.hasOwn(operations, call.name) ? operations[call.name] : undefined;
      c.set('summary', summaryOf(call));
      const version = versionOf(org, c.req.param('version'));
      const session = sessionOf(org, envelope, version);
      checkAccess(org, session);
      if (!call || !operation)
        throw new Fault('sf:INVALID_OPERATION', `No operation available for request ${call?.name ?? ''}`);
      return answer(
        c,
        call.name,
        operation({
          org,
          userId: session.userId,
          version,
          call,
          allOrNone: isAllOrNone(envelope),
          fault: c.get('deployFault'),
        }),
      );
    } catch (error) {
      return faultAnswer(c, error);
    }
  });

  return routes;
};

/** The request log's text for a call: its name, and its types. */
const summaryOf = (call: XmlElement | undefined): string => {
  const options = child(call, 'DeployOptions');
  const types = (call?.children ?? []).map((one) => {
    if (one.name === 'metadata') return one.attributes.type?.replace(/^.*:/, '');
    return one.name === 'type' ? one.text.trim() : childText(one, 'type');
  });
  return [
    call?.name ?? 'no operation',
    ...(childText(options, 'checkOnly') === 'true' ? ['checkOnly'] : []),
    ...new Set(types.filter(Boolean)),
  ]
    .join(' ')
    .slice(0, LONGEST_SUMMARY);
};

const LONGEST_SUMMARY = 500;

/** The request log's text for a SOAP request to the Metadata API; empty for any other request. */
export const soapOperation = async (c: Context): Promise<string | undefined> => {
  if (c.req.method !== 'POST' || !c.req.path.startsWith('/services/Soap/m/')) return undefined;
  try {
    return summaryOf(child(parseXml(await c.req.text()), 'Body')?.children[0]);
  } catch (error) {
    if (error instanceof XmlError) return undefined;
    throw error;
  }
};

/** AllOrNoneHeader, false when absent (documented from API version 34 on). */
const isAllOrNone = (envelope: XmlElement): boolean =>
  childText(child(child(envelope, 'Header'), 'AllOrNoneHeader'), 'allOrNone') === 'true';

export const sessionOf = (org: PracticeOrg, envelope: XmlElement, version: number): Session => {
  const token = childText(child(child(envelope, 'Header'), 'SessionHeader'), 'sessionId') ?? '';
  const session = org.session(token);
  if (session?.format === 'jwt' && !(version >= 68 && org.variants['jwt-over-soap'] === 'from-v68')) {
    throw new Fault(
      'sf:INVALID_SESSION_ID',
      'SOAP API does not support JWT-based access tokens. Use an opaque access token instead.',
    );
  }
  if (!session || !hasApiScope(session)) {
    throw new Fault('sf:INVALID_SESSION_ID', 'Invalid Session ID found in SessionHeader: Illegal Session');
  }
  return session;
};

export const versionOf = (org: PracticeOrg, text: string): number => {
  const version = Number(text);
  if (Number.isInteger(version) && version >= OLDEST_API_VERSION && version <= org.apiVersion) return version;
  throw new Fault('sf:UNSUPPORTED_API_VERSION', `Invalid Api version specified on URL: ${text}`);
};

const checkAccess = (org: PracticeOrg, session: Session): void => {
  const { userId } = session;
  if (!mayCallApis(org, session)) {
    throw new Fault('sf:INVALID_SESSION_ID', 'This session is not valid for use with the API');
  }
  if (!org.can(userId, 'ApiEnabled')) {
    throw new Fault('sf:API_DISABLED_FOR_ORG', 'API is not enabled for this Organization or Partner');
  }
  if (!mayUseMetadata(org, userId)) throw new Fault('sf:INSUFFICIENT_ACCESS', NO_METADATA_ACCESS);
  if (!org.apiRequests.take()) throw new Fault(`sf:${REQUEST_LIMIT.errorCode}`, REQUEST_LIMIT.message);
  org.used(session);
};

export const NO_METADATA_ACCESS =
  'use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions';

export const mayUseMetadata = (org: PracticeOrg, userId: string): boolean =>
  org.can(userId, 'ModifyMetadata') || org.can(userId, 'ModifyAllData');

// -- answers

const ENVELOPE =
  '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"';
/** The namespaces of an API's calls and of its faults. */
export type Namespaces = { calls: string; faults: string };
const METADATA_API: Namespaces = {
  calls: 'http://soap.sforce.com/2006/04/metadata',
  faults: 'http://soap.sforce.com/2006/04/metadata',
};
const XML = { 'content-type': 'text/xml;charset=UTF-8' };

export const answer = (c: Context, operation: string, results: string, { calls } = METADATA_API): Response => {
  const body = `<${operation}Response>${results}</${operation}Response>`;
  const namespaces = ` xmlns="${calls}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`;
  return c.body(`${ENVELOPE}${namespaces}><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`, 200, XML);
};

export const faultAnswer = (c: Context, error: unknown, { faults } = METADATA_API): Response => {
  const { code, message } = faultOf(error);
  const body = `<soapenv:Fault><faultcode>${escapeXml(code)}</faultcode><faultstring>${escapeXml(`${code.replace(/^sf:/, '')}: ${message}`)}</faultstring></soapenv:Fault>`;
  return c.body(`${ENVELOPE} xmlns:sf="${faults}"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`, 500, XML);
};

const faultOf = (error: unknown): Fault => {
  if (error instanceof Fault) return error;
  if (error instanceof DeployRefused) return new Fault(`sf:${error.code}`, error.message);
  if (error instanceof XmlError) return new Fault('soapenv:Client', error.message);
  throw error;
};

// -- operations

/** Queries that one listMetadata takes at most (Metadata API guide). */
const MOST_QUERIES = 3;

const result = (value: unknown): string => writeXml('result', value);

const metadataOperations = (org: PracticeOrg, deployments: Deployments): Record<string, Operation> => {
  const retrieves = new Retrieves();

  return {
    describeMetadata: (call) => result(describe(call)),

    listMetadata: (call) => {
      const queries = call.call.children.filter((one) => one.name === 'queries');
      if (queries.length > MOST_QUERIES) {
        throw new Fault('sf:LIMIT_EXCEEDED', `A call can have ${MOST_QUERIES} queries at most`);
      }
      const asOf = Number(childText(call.call, 'asOfVersion')) || call.version;
      const reader = { ...call, version: Math.min(asOf, org.apiVersion) };
      return result(
        queries.flatMap((query) => {
          const name = childText(query, 'type') ?? '';
          const type = readableType(reader, name);
          if (!type) throw new Fault('sf:INVALID_TYPE', `Cannot use: ${name} in this version`);
          return componentsOf(reader, type.name).map((one) => fileProperties(reader, type, one));
        }),
      );
    },

    readMetadata: (call) => {
      const records = readMetadata(call).map((one) =>
        one ? writeXml('records', one.elements, undefined, ` xsi:type="${one.type}"`) : writeXml('records', null),
      );
      return `<result>${records.join('')}</result>`;
    },

    deploy: ({ call, userId, fault }) => {
      const zip = Buffer.from(childText(call, 'ZipFile') ?? '', 'base64');
      const { id } = deployments.start(userId, zip, deployOptions(child(call, 'DeployOptions')), fault);
      return result({ done: false, id, state: 'Queued' });
    },

    checkDeployStatus: ({ call }) => {
      const id = childText(call, 'asyncProcessId') ?? '';
      const status = deployments.status(id, childText(call, 'includeDetails') === 'true');
      if (!status) throw new Fault('sf:INVALID_ID_FIELD', `Invalid deploy ID: ${id}`);
      return result(status);
    },

    cancelDeploy: ({ call, userId }) => result(deployments.cancel(userId, call.children[0]?.text.trim() ?? '')),

    // Over SOAP the answer is the id and nothing else.
    deployRecentValidation: ({ call, userId, fault }) =>
      result(deployments.deployValidated(userId, childText(call, 'validationId') ?? '', fault).id),

    retrieve: (call) => {
      // The WSDL calls it retrieveRequest; jsforce, and with it Salesforce's CLI, says request.
      const [request] = call.call.children;
      const unpackaged = child(request, 'unpackaged');
      const manifest = unpackaged ? manifestOf(unpackaged) : { members: new Map<string, string[]>() };
      const version = manifest.version ?? (Number(childText(request, 'apiVersion')) || call.version);
      const single = childText(request, 'singlePackage') === 'true';
      const { userId } = call;
      const id = retrieves.start({ org, userId, version: Math.min(version, org.apiVersion) }, manifest, single);
      return result({ done: false, id, state: 'Queued' });
    },

    checkRetrieveStatus: ({ call }) => {
      const id = childText(call, 'asyncProcessId') ?? '';
      const status = retrieves.status(id, childText(call, 'includeZip') !== 'false');
      if (!status) throw new Fault('sf:INVALID_ID_FIELD', `Invalid retrieve ID: ${id}`);
      return result(status);
    },

    createMetadata: (call) => result(createMetadata(call)),
    updateMetadata: (call) => result(updateMetadata(call)),
    upsertMetadata: (call) => result(upsertMetadata(call)),
    deleteMetadata: (call) => result(deleteMetadata(call)),
  };
};

/** The options of a deploy with the defaults of the Metadata API. */
const deployOptions = (element: XmlElement | undefined): DeployOptions => {
  const flag = (name: string): boolean => childText(element, name) === 'true';
  return {
    allowMissingFiles: flag('allowMissingFiles'),
    autoUpdatePackage: flag('autoUpdatePackage'),
    checkOnly: flag('checkOnly'),
    ignoreWarnings: flag('ignoreWarnings'),
    performRetrieve: flag('performRetrieve'),
    purgeOnDelete: flag('purgeOnDelete'),
    rollbackOnError: flag('rollbackOnError'),
    runTests: childTexts(element, 'runTests').filter(Boolean),
    singlePackage: flag('singlePackage'),
    testLevel: childText(element, 'testLevel') || undefined,
  };
};
