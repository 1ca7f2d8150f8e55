import type { Interfaces } from '@oclif/core';

import type { Attribute, Wish } from '../../../app/app.ts';
import { parseAttribute } from '../../../app/attributes.ts';
import { merge } from '../../../app/changes.ts';
import { checkWholeApp, checkWish } from '../../../app/checkWish.ts';
import { fieldsSaid, wholeList } from '../../../app/fields.ts';
import { judgePolicies } from '../../../app/policies.ts';
import { isProblem, type Problem } from '../../../app/problem.ts';
import { judgeScopes, parseScopes, scopesSaid } from '../../../app/scopes.ts';
import type { TargetOrg } from '../../../app/targetOrg.ts';
import { checkApproved } from '../../../org/app/approval.ts';
import { checkHandlers } from '../../../org/app/handler.ts';
import { planWish } from '../../../org/app/plan.ts';
import { readAppNames, type StoredApp } from '../../../org/app/read.ts';
import { appToChange } from '../../../org/app/toChange.ts';
import { writeApp } from '../../../org/app/write.ts';
import type { WriteResult } from '../../../org/app/writeResult.ts';
import type { Permission } from '../../../org/users/permissions.ts';
import { SfCommand, toHelpSection } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { asSpelled } from '../../../ui/appName.ts';
import { beginWithApp } from '../../../ui/begin.ts';
import { exitCodes } from '../../../ui/exitCodes.ts';
import { NAME_ARGS, nameFlag, noPromptFlag, ORG_FLAGS, WRITE_FLAGS } from '../../../ui/flags.ts';
import { refuseProblems, warnOf } from '../../../ui/problems.ts';
import { showingWrite } from '../../../ui/progress.ts';
import { needFlags } from '../../../ui/prompts.ts';
import { askPermissionSets, askScopes } from '../../../ui/scopeQuestions.ts';
import { SCOPES_FLAGS } from '../../../ui/scopesFlags.ts';
import { confirmShrinking } from '../../../ui/shrinking.ts';
import { nameOrg } from '../../../ui/targetOrg.ts';
import { type NextStep, showWritten } from '../../../ui/writeResult.ts';

const messages = texts('eca.scopes.set');

export type EcaScopesSetResult = WriteResult & { org: TargetOrg };

type GivenFlags = Interfaces.InferredFlags<typeof EcaScopesSet.flags>;

export default class EcaScopesSet extends SfCommand<EcaScopesSetResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly hiddenAliases = [
    'eca:scopes:update',
    'eca:scope:set',
    'eca:policies:set',
    'eca:policy:set',
  ];
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', exitCodes);

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = {
    ...ORG_FLAGS,
    name: nameFlag,
    ...SCOPES_FLAGS,
    ...WRITE_FLAGS,
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaScopesSetResult> {
    const begun = await beginWithApp(this, readAppNames, await this.parse(EcaScopesSet));
    const { flags, connection, given, asking, sameApp } = begun;
    const said = wishFrom(flags, given, sameApp(given));

    const [org, stored] = await appToChange(begun, 'scopes set', nameOrg(this), {
      also: permissionsFor(flags),
      grants: true,
    });
    const name = asSpelled(this, given, stored.app.name);
    const app = sameApp(name);
    // Scopes and policies need the OAuth settings; the global OAuth settings may be missing.
    if (!stored.components.oauthSettings && !stored.installed) {
      throw messages.createError('error.oauthNotSet', [name], [app]);
    }
    const scopes = await scopesFrom(flags, stored, app, asking);
    const wish = await withApproved({ ...said, name, scopes }, stored, asking);
    const whole = merge(stored.app, wish);
    refuseProblems([...checkWish(wish, stored.app), ...checkWholeApp(whole).filter(isAboutPolicies)], app);
    const planned = planWish(stored, wish);
    const approval = (await checkApproved(connection, [planned])).get(planned) ?? [];
    const handler = (await checkHandlers(connection, [planned])).get(planned) ?? [];
    refuseProblems([...approval, ...handler], app);
    await confirmShrinking(this, flags, { app: name, org }, planned.changes, flags.remove ? ['scopes'] : []);
    warnOf(this, [...judgeScopes(whole.scopes ?? [], whole.oauth?.flows ?? []), ...judgePolicies(whole)], app);

    const writing = messages.getMessage('progress', [name]);
    const result = await showingWrite(this.spinner, flags, { name, writing }, (options) =>
      writeApp(connection, stored, wish, options),
    );
    showWritten(this, result, nextStep(stored, this.config.bin, app));
    return { ...result, org };
  }
}

const nextStep = ({ components, installed }: StoredApp, bin: string, app: string): NextStep =>
  components.globalOauthSettings !== undefined || installed
    ? { text: messages.getMessage('next.credentials'), commandLine: `${bin} eca credentials --name ${app}` }
    : { text: messages.getMessage('next.oauth'), commandLine: `${bin} eca oauth set --name ${app}` };

/** What the flags say, but for the scopes: what they mean depends on those that the app has. */
const wishFrom = (flags: GivenFlags, name: string, app: string): Wish => {
  const { customScopes, policies, startPage, startUrl } = fieldsSaid(flags);
  const attributes = wholeList(flags['policy-attribute'])?.map((text) =>
    parseAttribute(text, 'policies.customAttributes'),
  );
  const customAttributes = attributes?.filter((one): one is Attribute => !isProblem(one));
  const said: Wish = {
    name,
    customScopes,
    startPage,
    startUrl,
    policies: policies && { ...policies, ...(customAttributes && { customAttributes }) },
  };
  refuseProblems([...(attributes ?? []).filter(isProblem), ...checkWish(said)], app);
  return said;
};

/** Scopes belong to the app and are its developer's; policies are the admin's. */
const permissionsFor = (flags: GivenFlags): Permission[] => {
  const { policies: said, startPage, startUrl } = fieldsSaid(flags);
  const policies = [said, startPage, startUrl].some((value) => value !== undefined);
  const scopes = [flags.scope, flags.add, flags.remove, flags['custom-scope']].some((value) => value !== undefined);
  return [
    ...(policies ? (['ExternalClientAppAdmin'] as const) : []),
    ...(scopes || !policies ? (['ExternalClientAppDeveloper'] as const) : []),
  ];
};

/**
 * All scopes of the wish; undefined keeps the app's own scopes. An app without scopes needs some, and the user chooses
 * them.
 */
const scopesFrom = async (
  flags: GivenFlags,
  stored: StoredApp,
  app: string,
  asking: boolean,
): Promise<string[] | undefined> => {
  const { scopes: has = [] } = stored.app;
  const said = scopesSaid(flags, has);
  if (!said && (has.length > 0 || stored.installed)) return undefined;
  const parsed =
    said ?? parseScopes((await needFlags(asking, { scope: { given: undefined, ask: askScopes } })).scope, has);
  refuseProblems(parsed.filter(isProblem), app);
  return parsed.filter((scope): scope is string => !isProblem(scope));
};

/**
 * The wish, with permission sets if only approved users may use the app. At a terminal, the user is asked for them if the
 * wish would give access to nobody. Without a terminal, this is only a warning: the user may want it.
 */
const withApproved = async (wish: Wish, { app, grants = [] }: StoredApp, asking: boolean): Promise<Wish> => {
  const { permissionSets = [], profiles = [] } = merge(app, wish).policies ?? {};
  const letsNobodyIn = permissionSets.length + profiles.length + grants.length === 0;
  if (!asking || wish.policies?.permittedUsers !== 'admin-approved' || !letsNobodyIn) return wish;
  return merge(wish, { name: wish.name, policies: { permissionSets: await askPermissionSets() } });
};

/** This command cannot repair other problems of the whole app. */
const isAboutPolicies = ({ field }: Problem): boolean => field?.startsWith('policies.') === true;
