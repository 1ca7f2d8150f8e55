import { ANNOUNCED_CHANGES, type AnnouncedChange } from '../announcedChanges.ts';
import { splitNamespace } from '../name.ts';
import { hasGroup } from './connectedApp.ts';
import type { FlowSwitches } from './context.ts';
import { encryptsAssertions, refusedInPlace } from './inPlace.ts';
import type { InventoryFacts, SourceName, SourceSeen } from './inventoryFacts.ts';
import { appsWithUse, type KnownApp, type SeenFlow } from './inventoryUse.ts';
import { type MigrationText, tell } from './migrationText.ts';
import { translate } from './translate.ts';
import { type FlowSeen, type UseSeen, useSeen } from './use.ts';

/**
 * Whose app it is. `local`: made in this org. `installed`: of a vendor, and managed here. `not-installed`: of a vendor,
 * and used all the same. `salesforce`: of Salesforce. `unknown`: the org did not show enough to tell.
 */
export type Owner = 'local' | 'installed' | 'not-installed' | 'salesforce' | 'unknown';

/** How an app can move. `none`: nobody here has to do anything. `unknown`: its metadata was not seen. */
export type Road = 'in-place' | 'side-by-side' | 'vendor' | 'none' | 'unknown';

/** One Connected App in the inventory. Dates are texts in ISO format. */
export type InventoryEntry = UseSeen & {
  /** API name. Absent for an app that only its tokens or logins show. */
  name?: string;
  label: string;
  owner: Owner;
  /** Permission sets, by their labels, and profiles that may use the app. */
  access: string[];
  /** Announced changes that concern the app. */
  changes: AnnouncedChange[];
  road: Road;
  /** What stands in the way of the move. */
  obstacles: MigrationText[];
  /** What limits the entry: for example, another app has the same label. */
  notes: MigrationText[];
};

export type Inventory = {
  days: number;
  apps: InventoryEntry[];
  /** Does the org block the flows that end? Absent where the org did not show it. */
  flowSwitches?: FlowSwitches;
  sources: SourceSeen[];
};

/**
 * Namespaces of Salesforce's own packages with Connected Apps. Orgs list these packages as "Salesforce Connected Apps" and as
 * "Salesforce Mobile Apps", once "Salesforce and Chatter Apps" (reported). Salesforce itself has no such list.
 */
const NAMESPACES_OF_SALESFORCE: ReadonlySet<string> = new Set(['sf_com_apps', 'sf_chttr_apps']);

/** Labels of apps that Salesforce makes. Somebody else may use such a label, so only an app that is not local has it. */
const LABELS_OF_SALESFORCE: ReadonlySet<string> = new Set([
  'ant migration tool',
  'chatter desktop',
  'chatter mobile for blackberry',
  'dataloader bulk',
  'dataloader partner',
  'force.com ide',
  'salesforce chatter',
  'salesforce cli',
  'salesforce files',
  'salesforce for android',
  'salesforce for ios',
  'salesforce for outlook',
  'salesforce mobile dashboards',
  'salesforce touch',
  'salesforcea',
]);

/** Findings of a plan that somebody has to settle before the move. */
const OBSTACLES: ReadonlySet<string> = new Set([
  'apex-handler',
  'canvas',
  'certificate-expired',
  'cli-login',
  'dev-hub',
  'device-flow',
  'mobile',
  'no-login',
  'run-as-missing',
  'scope-sfap',
  'token-exchange-handler',
  'triple-des',
]);

/** The inventory of an org's Connected Apps, judged from what the org showed. Apps that end soon come first. */
export const judgeInventory = (facts: InventoryFacts): Inventory => {
  const apps = appsWithUse(facts).map((known) => entryOf(known, facts));
  const order = (entry: InventoryEntry): string =>
    `${entry.changes.some(({ id }) => id === 'old-flows') ? 0 : 1} ${entry.label.toLowerCase()} ${entry.name ?? ''}`;
  const { days, sources, names } = facts;
  const sorted = apps.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return { days, apps: sorted, ...(names?.flowSwitches && { flowSwitches: names.flowSwitches }), sources };
};

const entryOf = (known: KnownApp, facts: InventoryFacts): InventoryEntry => {
  const { listed, label, use } = known;
  const owner = ownerOf(known, facts);
  const seen = useSeen(use, facts.usernames);
  const plan = planOf(known, facts);
  const blocked = blockedIn(facts);
  const hasMoved = owner === 'local' && facts.externalApps.some(({ name }) => name === listed?.name);
  return {
    ...(listed && { name: listed.name }),
    label,
    owner,
    ...seen,
    access: facts.access.filter(({ appId }) => appId === listed?.id).map(({ name }) => name),
    changes: changesOf(owner, seen.flows, plan),
    road: hasMoved ? 'none' : roadOf(owner, plan),
    obstacles: hasMoved ? [] : obstaclesOf(owner, without(seen.flows, blocked), plan),
    notes: [...notesOf(known, facts, hasMoved), ...blockedNotes(seen.flows, blocked)],
  };
};

/** Why an app is taken for Salesforce's own, which no org says. Undefined for any other app. */
const whySalesforce = ({ listed, label }: KnownApp): MigrationText | undefined => {
  if (listed?.app) return undefined;
  const namespace = listed?.namespace ?? splitNamespace(listed?.name ?? '').namespace ?? '';
  if (NAMESPACES_OF_SALESFORCE.has(namespace)) return tell('inventory.note.salesforcePackage', namespace);
  return LABELS_OF_SALESFORCE.has(label.toLowerCase()) ? tell('inventory.note.salesforceLabel') : undefined;
};

const ownerOf = (known: KnownApp, { sources }: InventoryFacts): Owner => {
  const { listed } = known;
  if (listed?.app) return 'local';
  if (whySalesforce(known)) return 'salesforce';
  const isSeen = (source: SourceName): boolean => sources.some((one) => one.source === source && one.seen === 'all');
  if (!listed) return isSeen('list') && isSeen('externalApps') ? 'not-installed' : 'unknown';
  return listed.isInstalled ? 'installed' : 'unknown';
};

/** Elements with names of an org. */
const NAMES: ReadonlySet<string> = new Set(['permissionSetName', 'profileName']);

/** What the plan for an app says, as far as an inventory needs it. */
type PlanInShort = { findings: ReadonlyMap<string, MigrationText>; open: number; refusedInPlace: boolean };

const planOf = ({ listed }: KnownApp, { names }: InventoryFacts): PlanInShort | undefined => {
  if (!listed?.app) return undefined;
  const { findings, elements } = translate(listed.app, { org: names, certificate: listed.certificate });
  const found = new Map(findings.map(({ id, text }) => [id, text]));
  // Without the org's names, nobody can tell whether one needs somebody.
  const open = elements.filter(
    ({ outcome, element }) =>
      (outcome === 'needsYou' || outcome === 'cannot') && (names !== undefined || !NAMES.has(element)),
  );
  if (!encryptsAssertions(listed.app)) found.delete('triple-des');
  return { findings: found, open: open.length, refusedInPlace: refusedInPlace(listed.app, findings).length > 0 };
};

const changesOf = (owner: Owner, flows: FlowSeen[], plan: PlanInShort | undefined): AnnouncedChange[] => {
  const seen = new Set(flows.map(({ flow }) => flow));
  const hits: Record<string, boolean> = {
    'uninstalled-apps': owner === 'not-installed',
    'idle-limit': plan?.findings.has('refresh-token-idle') === true,
    'device-flow': plan?.findings.has('device-flow') === true,
    'old-flows': seen.has('username-password') || seen.has('user-agent'),
    'soap-login': seen.has('soap'),
    'connected-apps': owner !== 'salesforce',
  };
  return ANNOUNCED_CHANGES.filter(({ id }) => hits[id] === true);
};

const roadOf = (owner: Owner, plan: PlanInShort | undefined): Road => {
  if (owner === 'salesforce') return 'none';
  if (owner === 'installed' || owner === 'not-installed') return 'vendor';
  if (!plan) return 'unknown';
  return plan.refusedInPlace ? 'side-by-side' : 'in-place';
};

/** The flows that the org blocks. A login with one of them was made before. */
const blockedIn = ({ names }: InventoryFacts): ReadonlySet<SeenFlow> => {
  const { passwordFlowBlocked = false, userAgentFlowBlocked = false } = names?.flowSwitches ?? {};
  return new Set<SeenFlow>([
    ...(passwordFlowBlocked ? (['username-password'] as const) : []),
    ...(userAgentFlowBlocked ? (['user-agent'] as const) : []),
  ]);
};

const without = (flows: FlowSeen[], blocked: ReadonlySet<SeenFlow>): FlowSeen[] =>
  flows.filter(({ flow }) => !blocked.has(flow));

const blockedNotes = (flows: FlowSeen[], blocked: ReadonlySet<SeenFlow>): MigrationText[] => {
  const isPast = (flow: SeenFlow): boolean => blocked.has(flow) && flows.some((one) => one.flow === flow);
  return [
    ...(isPast('username-password') ? [tell('inventory.note.passwordBlocked')] : []),
    ...(isPast('user-agent') ? [tell('inventory.note.userAgentBlocked')] : []),
  ];
};

const obstaclesOf = (owner: Owner, flows: FlowSeen[], plan: PlanInShort | undefined): MigrationText[] => {
  if (owner === 'salesforce') return [];
  const seen = (flow: SeenFlow): boolean => flows.some((one) => one.flow === flow);
  return [
    ...(seen('username-password') ? [tell('inventory.obstacle.usernamePassword')] : []),
    ...(seen('user-agent') ? [tell('inventory.obstacle.userAgent')] : []),
    ...(owner === 'installed' || owner === 'not-installed' ? [tell('inventory.obstacle.vendor')] : []),
    ...(owner === 'unknown' ? [tell('inventory.obstacle.unread')] : []),
    ...(plan ? [...plan.findings].filter(([id]) => OBSTACLES.has(id)).map(([, text]) => text) : []),
    ...(plan && plan.open > 0 ? [tell('inventory.obstacle.open', String(plan.open))] : []),
  ];
};

const notesOf = (known: KnownApp, { sources, days }: InventoryFacts, hasMoved: boolean): MigrationText[] => {
  const { listed, sameLabel, use } = known;
  const ofSalesforce = whySalesforce(known);
  const isWhole = (source: SourceName): boolean => sources.some((one) => one.source === source && one.seen === 'all');
  const isUnseen = use.logins.length === 0 && use.tokens.length === 0;
  return [
    ...(ofSalesforce ? [ofSalesforce] : []),
    ...(hasMoved ? [tell('inventory.note.moved', listed?.name ?? '')] : []),
    ...(sameLabel.length > 0 ? [tell('inventory.note.sameLabel', sameLabel.join(', '))] : []),
    ...(listed?.app && hasGroup(listed.app, 'samlConfig') ? [tell('inventory.note.saml')] : []),
    ...(!listed && use.tokens.length === 0 ? [tell('inventory.note.onlyLogins')] : []),
    ...(isUnseen && isWhole('logins') && isWhole('tokens') ? [tell('inventory.note.notSeen', String(days))] : []),
    ...(isUnseen && !(isWhole('logins') && isWhole('tokens')) ? [tell('inventory.note.cannotTell')] : []),
  ];
};
