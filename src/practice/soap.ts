import { Hono } from 'hono';
import type { Context } from 'hono';
import { mayCallApis } from './apiAccessControl.ts';
import { hasApiScope, REQUEST_LIMIT } from './gate.ts';
import type { DeployFault, PracticeEnv } from './gate.ts';
import { problemOf, DeployRefused, removeComponent } from './metadata/deploy.ts';
import type { DeployOptions } from './metadata/deploy.ts';
import type { Deployments } from './metadata/deployments.ts';
import { Problem } from './metadata/body.ts';
import { manifestOf } from './metadata/manifest.ts';
import { componentNamed, componentsOf, describe, elementsOf, fileProperties, readableType } from './metadata/read.ts';
import type { MetadataReader } from './metadata/read.ts';
import { Retrieves } from './metadata/retrieves.ts';
import { checkTogether } from './metadata/rules.ts';
import { Staging } from './metadata/staging.ts';
import { PLUGIN_POLICIES, SETTINGS } from './metadata/types.ts';
import type { MetadataType } from './metadata/types.ts';
import { addPolicies, takeEffect, writeComponent } from './metadata/write.ts';
import { OLDEST_API_VERSION, qualifiedName } from './org.ts';
import type { Component, PracticeOrg, Session } from './org.ts';
import { child, childText, childTexts, escapeXml, parseXml, writeXml, XmlError } from './xml.ts';
import type { XmlElement } from './xml.ts';

/** A SOAP fault: what a SOAP API says when a call as a whole is refused. */
export class Fault extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** One call: who calls, at which version, and the element with its parameters. */
type Call = MetadataReader & { call: XmlElement; fault?: DeployFault };

/** What a call answers: its `result` elements as XML. */
type Operation = (call: Call) => string;

/** The Metadata API over SOAP. */
export function soapRoutes(org: PracticeOrg, deployments: Deployments): Hono<PracticeEnv> {
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
        operation({ org, userId: session.userId, version, call, fault: c.get('deployFault') }),
      );
    } catch (error) {
      return faultAnswer(c, error);
    }
  });

  return routes;
}

function summaryOf(call: XmlElement | undefined): string {
  const options = child(call, 'DeployOptions');
  const types = call?.children.map((one) => childText(one, 'type') ?? (one.name === 'type' ? one.text : '')) ?? [];
  return [
    call?.name ?? 'no operation',
    ...(childText(options, 'checkOnly') === 'true' ? ['checkOnly'] : []),
    ...types.filter(Boolean),
  ].join(' ');
}

export function sessionOf(org: PracticeOrg, envelope: XmlElement, version: number): Session {
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
}

export function versionOf(org: PracticeOrg, text: string): number {
  const version = Number(text);
  if (Number.isInteger(version) && version >= OLDEST_API_VERSION && version <= org.apiVersion) return version;
  throw new Fault('sf:UNSUPPORTED_API_VERSION', `Invalid Api version specified on URL: ${text}`);
}

function checkAccess(org: PracticeOrg, session: Session): void {
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
}

export const NO_METADATA_ACCESS =
  'use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions';

export function mayUseMetadata(org: PracticeOrg, userId: string): boolean {
  return org.can(userId, 'ModifyMetadata') || org.can(userId, 'ModifyAllData');
}

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

export function answer(c: Context, operation: string, results: string, { calls } = METADATA_API): Response {
  const body = `<${operation}Response>${results}</${operation}Response>`;
  const namespaces = ` xmlns="${calls}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`;
  return c.body(`${ENVELOPE}${namespaces}><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`, 200, XML);
}

export function faultAnswer(c: Context, error: unknown, { faults } = METADATA_API): Response {
  const { code, message } = faultOf(error);
  const body = `<soapenv:Fault><faultcode>${escapeXml(code)}</faultcode><faultstring>${escapeXml(`${code.replace(/^sf:/, '')}: ${message}`)}</faultstring></soapenv:Fault>`;
  return c.body(`${ENVELOPE} xmlns:sf="${faults}"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`, 500, XML);
}

function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof DeployRefused) return new Fault(`sf:${error.code}`, error.message);
  if (error instanceof XmlError) return new Fault('soapenv:Client', error.message);
  throw error;
}

// -- operations

/** Names and components that one call takes at most. */
const MOST_AT_ONCE = 10;

function result(value: unknown): string {
  return writeXml('result', value);
}

function metadataOperations(org: PracticeOrg, deployments: Deployments): Record<string, Operation> {
  const retrieves = new Retrieves();

  const crud = (save: Save): Operation => {
    return (call) =>
      result(limited(call.call.children.filter((one) => one.name === 'metadata')).map((one) => saved(call, one, save)));
  };

  return {
    describeMetadata: (call) => result(describe(call)),

    listMetadata: (call) => {
      const queries = call.call.children.filter((one) => one.name === 'queries');
      return result(
        queries.flatMap((query) => {
          const type = knownType(call, childText(query, 'type') ?? '');
          return componentsOf(call, type.name).map((one) => fileProperties(call, type, one));
        }),
      );
    },

    readMetadata: (call) => {
      const type = knownType(call, childText(call.call, 'type') ?? '').name;
      const records = limited(childTexts(call.call, 'fullNames')).map((name) => {
        const component = componentNamed(call, type, name);
        if (!component) return writeXml('records', null);
        const body = { fullName: qualifiedName(component), ...elementsOf(call, component) };
        return writeXml('records', body, undefined, ` xsi:type="${component.type}"`);
      });
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

    createMetadata: crud((staging, call, element) => {
      const { type, fullName } = identityOf(element);
      if (staging.component(type, fullName)) {
        throw new Problem(`The name ${fullName} is already in use`, 'DUPLICATE_DEVELOPER_NAME');
      }
      return write(staging, call, element);
    }),

    updateMetadata: crud((staging, call, element) => {
      const { type, fullName } = identityOf(element);
      if (type !== 'Settings' && !staging.component(type, fullName)) throw noSuch(type, fullName);
      return write(staging, call, element);
    }),

    upsertMetadata: crud(write),

    deleteMetadata: (call) => {
      const type = childText(call.call, 'type') ?? '';
      return result(limited(childTexts(call.call, 'fullNames')).map((fullName) => deleted(call, type, fullName)));
    },
  };
}

/** Puts what an element of a CRUD call says into the staging. */
type Save = (staging: Staging, call: Call, element: XmlElement) => Component | undefined;

function limited<Item>(items: Item[]): Item[] {
  if (items.length <= MOST_AT_ONCE) return items;
  throw new Fault(
    'sf:LIMIT_EXCEEDED',
    `record limit reached. cannot submit more than ${MOST_AT_ONCE} records in this operation`,
  );
}

function knownType(reader: MetadataReader, name: string): MetadataType {
  const type = readableType(reader, name);
  if (!type)
    throw new Fault('sf:INVALID_TYPE', `This type of metadata is not available for this organization: ${name}`);
  return type;
}

/** The type and name of a component in a CRUD call; a member of Settings goes by the name of its own type there. */
function identityOf(element: XmlElement): { type: string; fullName: string } {
  const declared = (element.attributes.type ?? '').replace(/^.*:/, '');
  const type = Object.values(SETTINGS).includes(declared) ? 'Settings' : declared;
  return { type, fullName: childText(element, 'fullName') ?? '' };
}

function write(staging: Staging, { userId, version }: Call, element: XmlElement): Component | undefined {
  const { type, fullName } = identityOf(element);
  const root = withEnabled(staging, element);
  const written = writeComponent(staging, { type, fullName, root, version, userId });
  if (written.component && type !== 'Settings') checkTogether(staging, written.component);
  if (written.component && written.created) addPolicies(staging, written.component, userId);
  return written.component;
}

/** Where the variant allows it, a call that leaves out whether an app is enabled leaves that as the org has it. */
function withEnabled(staging: Staging, element: XmlElement): XmlElement {
  const { type, fullName } = identityOf(element);
  if (type !== PLUGIN_POLICIES || staging.org.variants['update-without-enabled'] !== 'taken') return element;
  const before = staging.component(type, fullName)?.body.isEnabled;
  if (before === undefined || child(element, 'isEnabled')) return element;
  const isEnabled = { name: 'isEnabled', attributes: {}, children: [], text: String(before) };
  return { ...element, children: [...element.children, isEnabled] };
}

function noSuch(type: string, fullName: string): Problem {
  return new Problem(`no ${type} named ${fullName} found`, 'INVALID_CROSS_REFERENCE_KEY');
}

/** Saves one component by itself; what is wrong with it is said in its own result. */
function saved(call: Call, element: XmlElement, save: Save): Record<string, unknown> {
  const { fullName } = identityOf(element);
  const staging = new Staging(call.org);
  return outcome(fullName, () => {
    const component = save(staging, call, element);
    staging.commit();
    if (component) takeEffect(call.org, component);
  });
}

function deleted(call: Call, type: string, fullName: string): Record<string, unknown> {
  const staging = new Staging(call.org);
  return outcome(fullName, () => {
    const component = staging.component(type, fullName);
    if (!component) throw noSuch(type, fullName);
    removeComponent(staging, component, call.userId);
    staging.commit();
  });
}

function outcome(fullName: string, work: () => void): Record<string, unknown> {
  try {
    work();
    return { fullName, success: true };
  } catch (error) {
    const message = problemOf(error);
    const statusCode = error instanceof Problem ? error.statusCode : 'UNKNOWN_EXCEPTION';
    return { errors: { message, statusCode }, fullName, success: false };
  }
}

/** The options of a deploy with the defaults of the Metadata API. */
function deployOptions(element: XmlElement | undefined): DeployOptions {
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
}
