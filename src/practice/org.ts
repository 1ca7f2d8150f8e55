import { randomBytes } from 'node:crypto';

import { ApiRequests } from './apiRequests.ts';
import { idGenerator, toId18 } from './ids.ts';
import type { Permission } from './permissions.ts';
import { seed, type Seeded } from './seed.ts';
import { chosenVariants, type Variants } from './variants.ts';
/** The content of a practice org. Everything lives in memory and ends with the process. */

/** A record of a standard object, with its fields by API name. `Id` is always there, 18 characters. */
export type SObjectRecord = { Id: string } & Record<string, unknown>;

/**
 * A metadata component as it was deployed and completed by the org: element name -> value, with the Metadata API's
 * names.
 */
export type Component = {
  id: string;
  type: string;
  /** Without the namespace. */
  fullName: string;
  namespace?: string;
  /**
   * Every element of the type that has a value, what was left out being at its default. Booleans and ints are JavaScript's;
   * a repeated element is an array; a nested one an object. Secrets and certificates are here too: readers leave them out.
   */
  body: Record<string, unknown>;
  /** Policies that the org made by itself, and that nobody has written since. */
  madeByOrg?: true;
  /**
   * Said of a Connected App that was made in another org. The org lists it while it is installed, and never returns its
   * metadata.
   */
  vendor?: { isInstalled: boolean };
  createdById: string;
  createdDate: Date;
  lastModifiedById: string;
  lastModifiedDate: Date;
};

/** The key pair of one consumer. Never part of a component's body. */
export type KeyPair = {
  id: string;
  key: string;
  secret: string;
  state: 'Active' | 'Expired' | 'Rotated';
  createdDate: Date;
  expirationDate?: Date;
};

/** One OAuth consumer: an app's primary pair, and its staged pair if it has one. */
export type Consumer = { id: string; appId: string; name: string; primary: KeyPair; staged?: KeyPair };

/** A login: what an access token stands for. */
export type Session = {
  token: string;
  format: 'opaque' | 'jwt';
  userId: string;
  /** The app that it was given to; absent for the org's own logins. */
  appId?: string;
  scopes: string[];
  issuedAt: Date;
  expiresAt: Date;
  /** Milliseconds that each use prolongs it to; one without ends when it ends. */
  timeout?: number;
};

export type PracticeOrgOptions = {
  /** As strict about deploy options as production is. */
  production?: boolean;
  /** Answers to the open questions of variants.ts, by name. */
  variants?: Record<string, string>;
  /** Seconds until the token endpoint knows of a new or changed app. */
  propagation?: number;
  /** Milliseconds that a deploy or retrieve job takes, from being sent to being done; 0 when absent. */
  jobTime?: number;
  /** The time that the org starts at; it runs on from there. */
  clock?: Date;
  /** Has the org external client apps at all? Yes, unless told otherwise. */
  externalClientApps?: boolean;
  /** Usernames that other orgs have: nobody can take them here. */
  takenUsernames?: string[];
  /** Newest API version that the org has, such as 67. */
  apiVersion?: number;
  /** Is it a Dev Hub? No, unless told otherwise. */
  devHub?: boolean;
  /** The org's own namespace, as an org has one in which managed packages are made. */
  namespace?: string;
};

/** Work for a certain time of the org, in milliseconds. */
type Due = { at: number; work: () => void; timer: NodeJS.Timeout };

/** Milliseconds that a timer of Node can wait. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** API versions that the practice org serves: the oldest, and the newest unless it is told otherwise. */
export const OLDEST_API_VERSION = 50;
export const NEWEST_API_VERSION = 68;

/** The app's own metadata type; every other ExtlClntApp* type points to one by `externalClientApplication`. */
export const APP_TYPE = 'ExternalClientApplication';

/** The metadata type of a Connected App: one component, with all that belongs to it. */
export const CONNECTED_APP = 'ConnectedApp';

/** An app's full name with its namespace, the way its children and the API name it. */
export const qualifiedName = (component: Pick<Component, 'fullName' | 'namespace'>): string =>
  component.namespace ? `${component.namespace}__${component.fullName}` : component.fullName;

/** A date of a component as orgs give it out, over SOQL as in file properties: to the second (reported). */
export const wholeSecond = (date: Date): string => date.toISOString().replace(/\.\d+Z$/, '.000Z');

export class PracticeOrg {
  /** 18 characters. */
  readonly orgId: string;
  readonly production: boolean;
  readonly variants: Variants;
  readonly apiVersion: number;
  readonly namespace?: string;
  readonly externalClientApps: boolean;
  readonly devHub: boolean;
  /** Seconds until the token endpoint knows of a new or changed app. */
  readonly propagationSeconds: number;
  /** Milliseconds that a deploy or retrieve job takes. */
  readonly jobTime: number;
  /** In small letters. */
  readonly takenUsernames: ReadonlySet<string>;
  /** Where it answers, without a slash at the end; known once it listens. */
  instanceUrl = '';
  /** Keyed by the id of the app (0xI...). */
  readonly consumers = new Map<string, Consumer>();
  /** Keyed by access token. */
  readonly sessions = new Map<string, Session>();
  /** The SetupEntityAccess records that stand for what an app's policies name, by the id of the app. */
  readonly grantsByPolicies = new Map<string, string[]>();
  /** Org-wide settings by metadata type, such as `ExternalClientAppSettings`: element name -> value. */
  readonly settings: Record<string, Record<string, unknown>>;
  /** When and by whom settings were last written, by metadata type; at the org's beginning by its admin where absent. */
  readonly settingsWritten = new Map<string, { at: Date; userId: string }>();
  /** When the org was made. */
  readonly madeAt: Date;
  /** How many API calls the org has left today. */
  readonly apiRequests: ApiRequests;
  /** Users and permission sets that are there from the start. */
  readonly seeded: Seeded;

  readonly #newId: (type: string) => string;
  readonly #tables = new Map<string, Map<string, SObjectRecord>>();
  readonly #components = new Map<string, Map<string, Component>>();
  /** Children by type and app: an org may have thousands. */
  readonly #byApp = new Map<string, Component>();
  readonly #changedAt = new Map<string, Date>();
  #clockOffset: number;
  /** Work for later. */
  readonly #due = new Set<Due>();

  constructor(options: PracticeOrgOptions = {}) {
    const instance = randomInstance();
    this.#newId = idGenerator(instance);
    this.orgId = this.#newId('Organization');
    this.production = options.production ?? false;
    this.variants = chosenVariants(options.variants);
    this.externalClientApps = options.externalClientApps ?? true;
    this.devHub = options.devHub ?? false;
    this.takenUsernames = new Set(options.takenUsernames?.map((name) => name.toLowerCase()));
    this.apiVersion = options.apiVersion ?? NEWEST_API_VERSION;
    this.namespace = options.namespace;
    this.propagationSeconds = options.propagation ?? 0;
    this.jobTime = options.jobTime ?? 0;
    this.#clockOffset = options.clock ? options.clock.getTime() - Date.now() : 0;
    this.madeAt = this.now();
    this.settings = {
      ExternalClientAppSettings: {
        enableClientSecretInRestApiAccess: false,
        enableConsumerSecretApiAccess: false,
        enablePackageEcaOauthFromDevOrg: false,
      },
      ConnectedAppSettings: {
        enableAdminApprovedAppsOnly: false,
        enableAdminApprovedAppsOnlyForExternalUser: false,
        enableSkipUserProvisioningWizardWelcomePage: false,
      },
      OauthOidcSettings: {
        agentAuthLinking: false,
        blockOAuthUnPwFlow: true,
        blockOAuthUsrAgtFlow: true,
        isPkceRequired: false,
        oAuthCdCrdtFlowEnable: false,
      },
    };
    this.apiRequests = new ApiRequests(this);
    this.seeded = seed(this, instance.toLowerCase());
  }

  // -- time

  /** The org's time: the machine's, and what it was moved by. */
  now(): Date {
    return new Date(Date.now() + this.#clockOffset);
  }

  /**
   * Moves the org's time forward, so that expiry can be tried without waiting. Work that is due by then is done at its
   * own time.
   */
  advance(milliseconds: number): void {
    const end = this.now().getTime() + milliseconds;
    for (let next = this.#firstDue(end); next; next = this.#firstDue(end)) {
      this.#setClock(Math.max(next.at, this.now().getTime()));
      this.#run(next);
    }
    this.#setClock(end);
  }

  /** Does something when the org's time has moved on by this much, at once when that is nothing. Until then nothing runs. */
  later(milliseconds: number, work: () => void): void {
    if (milliseconds <= 0) return work();
    const at = this.now().getTime() + milliseconds;
    const timer = setTimeout(() => this.#run(due), Math.min(milliseconds, LONGEST_TIMER));
    const due: Due = { at, work, timer: timer.unref() };
    this.#due.add(due);
  }

  #firstDue(end: number): Due | undefined {
    return [...this.#due].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }

  #run(due: Due): void {
    clearTimeout(due.timer);
    if (this.#due.delete(due)) due.work();
  }

  #setClock(time: number): void {
    this.#clockOffset = time - Date.now();
  }

  // -- records

  /** All records of an sObject, oldest first. */
  records(sObject: string): SObjectRecord[] {
    return [...(this.#tables.get(sObject)?.values() ?? [])];
  }

  /** One record by its id of 15 or 18 characters. */
  record(sObject: string, id: string): SObjectRecord | undefined {
    return this.#tables.get(sObject)?.get(toId18(id));
  }

  insert(sObject: string, fields: Record<string, unknown>): SObjectRecord {
    const at = this.now().toISOString();
    const { CreatedDate = at, LastModifiedDate = at } = fields;
    // The fields come first: a profile has hundreds, and copying them after others takes far longer.
    const record: SObjectRecord = { ...fields, CreatedDate, LastModifiedDate, Id: this.newId(sObject) };
    const table = this.#tables.get(sObject) ?? new Map<string, SObjectRecord>();
    this.#tables.set(sObject, table.set(record.Id, record));
    return record;
  }

  /** Changes fields of a record; false when there is no such record. */
  update(sObject: string, id: string, fields: Record<string, unknown>): boolean {
    const record = this.record(sObject, id);
    if (!record) return false;
    Object.assign(record, fields, { Id: record.Id, LastModifiedDate: this.now().toISOString() });
    return true;
  }

  /** False when there is no such record. */
  delete(sObject: string, id: string): boolean {
    return this.#tables.get(sObject)?.delete(toId18(id)) ?? false;
  }

  newId(type: string): string {
    return type === 'Organization' && this.orgId ? this.orgId : this.#newId(type);
  }

  // -- users

  userByUsername(username: string): SObjectRecord | undefined {
    const wanted = username.toLowerCase();
    return this.records('User').find((user) => String(user.Username).toLowerCase() === wanted);
  }

  /** Permission sets of a user, the one that its profile owns among them. */
  permissionSetsOf(userId: string): SObjectRecord[] {
    const id = toId18(userId);
    return this.records('PermissionSetAssignment')
      .filter((assignment) => assignment.AssigneeId === id)
      .flatMap((assignment) => this.record('PermissionSet', String(assignment.PermissionSetId)) ?? []);
  }

  /** May an active user do this? By API name without `Permissions`: `ExternalClientAppDeveloper`. */
  can(userId: string, permission: Permission): boolean {
    if (this.record('User', userId)?.IsActive !== true) return false;
    return this.permissionSetsOf(userId).some((set) => set[`Permissions${permission}`] === true);
  }

  // -- metadata

  /** All components of a metadata type, by name. */
  components(type: string): Component[] {
    return [...(this.#components.get(type)?.values() ?? [])].sort((a, b) =>
      qualifiedName(a) < qualifiedName(b) ? -1 : 1,
    );
  }

  /**
   * A name as the org stores it. The org's own namespace may stand before the names of its own components, and is
   * removed.
   */
  ownName(name: string): string {
    const prefix = `${this.namespace}__`;
    const isOwn = this.namespace !== undefined && name.toLowerCase().startsWith(prefix.toLowerCase());
    return isOwn ? name.slice(prefix.length) : name;
  }

  /** One component by its name, with the namespace if it has one. Names do not mind case. */
  component(type: string, fullName: string): Component | undefined {
    return this.#components.get(type)?.get(this.ownName(fullName).toLowerCase());
  }

  /** The app and every component that points to it, by the app's name with its namespace. */
  componentsOfApp(appName: string): Component[] {
    const app = this.component(APP_TYPE, appName);
    const children = [...this.#components.values()].flatMap((ofType) =>
      [...ofType.values()].filter(
        (one) => String(one.body.externalClientApplication).toLowerCase() === appName.toLowerCase(),
      ),
    );
    return app ? [app, ...children] : children;
  }

  /** The component of a type that points to an app. */
  componentOfApp(type: string, appName: string): Component | undefined {
    const wanted = appName.toLowerCase();
    const last = this.#byApp.get(`${type} ${wanted}`);
    const child = last && this.component(type, qualifiedName(last));
    return String(child?.body.externalClientApplication).toLowerCase() === wanted ? child : undefined;
  }

  appById(id: string): Component | undefined {
    const wanted = toId18(id);
    return this.components(APP_TYPE).find((app) => app.id === wanted);
  }

  /** A Connected App by its id (0H4...). */
  connectedAppById(id: string): Component | undefined {
    const wanted = toId18(id);
    return this.components(CONNECTED_APP).find((app) => app.id === wanted);
  }

  /** The Connected Apps that the org lists: its own, and the vendors' that are installed. */
  listedConnectedApps(): Component[] {
    return this.components(CONNECTED_APP).filter(({ vendor }) => vendor?.isInstalled !== false);
  }

  /** Stores a component under its name, replaces an existing one, and starts the propagation of its app. */
  putComponent(component: Component): void {
    const ofType = this.#components.get(component.type) ?? new Map<string, Component>();
    this.#components.set(component.type, ofType.set(qualifiedName(component).toLowerCase(), component));
    const appName =
      component.type === APP_TYPE ? qualifiedName(component) : String(component.body.externalClientApplication ?? '');
    if (component.type !== APP_TYPE) this.#byApp.set(`${component.type} ${appName.toLowerCase()}`, component);
    const app = component.type === CONNECTED_APP ? component : this.component(APP_TYPE, appName);
    if (app) this.#changedAt.set(app.id, this.now());
  }

  /** Takes a component away. With an app go its children, its consumer, its tokens and who had access to it. */
  removeComponent(type: string, fullName: string): void {
    const component = this.component(type, fullName);
    if (!component) return;
    this.#components.get(type)?.delete(fullName.toLowerCase());
    if (type === APP_TYPE || type === CONNECTED_APP) this.#forgetApp(component);
  }

  /** Does the token endpoint know the app as it is now? */
  hasPropagated(appId: string): boolean {
    const changed = this.#changedAt.get(appId);
    return !changed || this.now().getTime() >= changed.getTime() + this.propagationSeconds * 1000;
  }

  #forgetApp(app: Component): void {
    for (const child of app.type === APP_TYPE ? this.componentsOfApp(qualifiedName(app)) : []) {
      this.#components.get(child.type)?.delete(qualifiedName(child).toLowerCase());
    }
    this.consumers.delete(app.id);
    this.#changedAt.delete(app.id);
    for (const session of [...this.sessions.values()])
      if (session.appId === app.id) this.sessions.delete(session.token);
    for (const access of this.records('SetupEntityAccess')) {
      if (access.SetupEntityId === app.id) this.delete('SetupEntityAccess', access.Id);
    }
  }

  // -- sessions

  /** Logs a user in. An opaque token is made here; one in JWT format is handed in, signed. */
  openSession(login: Omit<Session, 'token' | 'issuedAt'> & { token?: string }): Session {
    const token = login.token ?? `${this.orgId.slice(0, 15)}!AQ${randomBytes(60).toString('hex')}`;
    const session: Session = { ...login, token, issuedAt: this.now() };
    this.sessions.set(token, session);
    return session;
  }

  /** Notes that a login was used. Salesforce looks at the time only in the second half of the time-out: a use before counts not. */
  used(session: Session): void {
    const now = this.now().getTime();
    if (session.timeout === undefined || now < session.expiresAt.getTime() - session.timeout / 2) return;
    session.expiresAt = new Date(now + session.timeout);
  }

  /** The login that a token stands for; none once it has expired, was revoked, or its user is inactive. */
  session(token: string): Session | undefined {
    const session = this.sessions.get(token);
    if (!session || session.expiresAt <= this.now()) return undefined;
    return this.record('User', session.userId)?.IsActive === true ? session : undefined;
  }
}

/** The characters that tell one org's ids from another's. No letter, so that the ids of the same record look alike. */
const randomInstance = (): string => {
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
  return [...randomBytes(5)].map((byte) => letters[byte % letters.length]).join('');
};
