/**
 * The one door to the values of Salesforce's libraries. Types come straight from the packages (`import type`); values come from
 * here.
 *
 * Where the plugin runs inside the `sf` CLI, the values are the CLI's own copies of @salesforce/core and
 * @salesforce/sf-plugins-core: they are loaded already, with one logger and one set of caches for all. A second copy costs
 *   every command hundreds of milliseconds (docs/performance.md). The way to them is Node's own resolution, begun at the
 *   program that was started. It is no contract of the CLI's. Where it does not lead to the majors for which this plugin is
 *   made, the plugin uses its own dependencies. The log says why.
 */
import type { EventEmitter } from 'node:events';
import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Interfaces } from '@oclif/core';

import { END_CODES, type EndSignal } from './app/exitCodes.ts';
import { isSafeForSecrets, isSameMyDomain } from './app/host.ts';
import { inEscapesColoured } from './app/plainText.ts';
import { keepSecret, maskedValue, maskError } from './app/secret.ts';
import { placeOfFlag } from './app/wrongFlag.ts';
import { filteringOutput, letThrough, type LineWriter, type SpinnerMemory } from './ui/outlet.ts';

type Core = typeof import('@salesforce/core');
type PluginsCore = typeof import('@salesforce/sf-plugins-core');
type Kit = typeof import('@salesforce/kit');
type Undici = typeof import('undici');
type Oclif = typeof import('@oclif/core');

/** The majors in package.json's dependencies; test/salesforce.test.ts holds the two together. */
export const MAJORS = { core: '9', kit: '4', 'sf-plugins-core': '13' };

/** Run by a CLI that this plugin is not made for. Whoever starts it without a CLI, as tests do, is told nothing. */
class OtherMajorError extends Error {}

/** The file of a package's main entry, resolved from another file. Only the major for which we are made counts. */
const resolveFrom = (from: string, name: keyof typeof MAJORS): string => {
  const entry = createRequire(from).resolve(`@salesforce/${name}`);
  const { version } = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  if (!version.startsWith(`${MAJORS[name]}.`)) {
    throw new OtherMajorError(`the CLI has ${name} ${version}, not ${MAJORS[name]}`);
  }
  return entry;
};

/** The HTTP client with which core sends its requests. It is loaded by now; a second copy would only cost time. */
const undiciOf = async (coreEntry: string): Promise<Undici> => {
  try {
    const jsforce = createRequire(coreEntry).resolve('@jsforce/jsforce-node');
    return createRequire(jsforce)('undici') as Undici;
  } catch {
    return import('undici');
  }
};

type Libraries = { core: Core; kit: Kit; oclif: Oclif; pluginsCore: PluginsCore; undici: Undici };

const load = async (): Promise<Libraries & { fellBack?: Error }> => {
  try {
    const pluginsCore = resolveFrom(realpathSync(process.argv[1] ?? ''), 'sf-plugins-core');
    const core = resolveFrom(pluginsCore, 'core');
    const kit = resolveFrom(pluginsCore, 'kit');
    return {
      core: (await import(pathToFileURL(core).href)) as Core,
      undici: await undiciOf(core),
      kit: (await import(pathToFileURL(kit).href)) as Kit,
      // What sf-plugins-core builds upon, so any major will do that it is content with.
      oclif: createRequire(pluginsCore)('@oclif/core') as Oclif,
      pluginsCore: (await import(pathToFileURL(pluginsCore).href)) as PluginsCore,
    };
  } catch (error) {
    return {
      core: await import('@salesforce/core'),
      undici: await undiciOf(createRequire(import.meta.url).resolve('@salesforce/core')),
      kit: await import('@salesforce/kit'),
      oclif: await import('@oclif/core'),
      pluginsCore: await import('@salesforce/sf-plugins-core'),
      fellBack: error as Error,
    };
  }
};

const { core, kit, oclif, pluginsCore, fellBack, undici: coresUndici } = await load();

export const Args: Oclif['Args'] = oclif.Args;

/** Runs a command with our own handlers for signals. They replace those that it adds before it waits for anything. */
const endingQuietly = <R>(run: () => Promise<R>): Promise<R> => {
  const end = (signal: EndSignal): void => process.exit(END_CODES[signal]);
  const signals = Object.keys(END_CODES) as EndSignal[];
  const before = new Set(signals.flatMap((signal) => process.rawListeners(signal)));
  const running = run();
  for (const signal of signals) {
    for (const listener of process.rawListeners(signal) as NodeJS.SignalsListener[]) {
      if (!before.has(listener)) process.removeListener(signal, listener);
    }
    process.on(signal, end);
  }
  return running;
};

/** What Salesforce's logger writes its lines with: a stream of its pino's, which has no name but its symbol's. */
const logWriter = (): LineWriter | undefined => {
  const pino = core.Logger.getRawRootLogger() as unknown as Record<symbol, LineWriter>;
  const symbol = Object.getOwnPropertySymbols(pino).find(({ description }) => description === 'pino.stream');
  return symbol && pino[symbol];
};

declare const _anyCommand: InstanceType<PluginsCore['SfCommand']>;
type TableOptions<R extends Record<string, unknown>> = Parameters<typeof _anyCommand.table<R>>[0];

/**
 * SfCommand, whose output passes a filter (ui/outlet.ts), and but for signals. Its own handlers exit with 130 whatever the
 * signal, and by throwing. Nobody catches what a signal's handler throws. It has none for Ctrl-\.
 */
abstract class FilteredCommand<T> extends pluginsCore.SfCommand<T> {
  /** The key of the result that holds a secret that was asked for. Only there a secret is not masked. */
  protected static readonly showsSecretAs: string | undefined = undefined;

  public override async _run<R>(): Promise<R> {
    const spinner = oclif.ux.action as unknown as SpinnerMemory;
    return filteringOutput({ log: logWriter(), spinner }, () => endingQuietly(() => super._run<R>()));
  }

  /** A table breaks its texts into lines, in which nobody would find a secret any more. */
  public override table<R extends Record<string, unknown>>(options: TableOptions<R>): void {
    super.table<R>({ ...options, data: maskedValue(options.data) as R[] });
  }

  public override logJson(json: unknown): void {
    const { showsSecretAs: key } = this.constructor as typeof FilteredCommand;
    const safe = maskedValue(json) as { result?: Record<string, unknown> };
    const shown = key && (json as typeof safe).result?.[key];
    if (key && typeof shown === 'string' && safe.result) safe.result[key] = shown;
    letThrough(() => super.logJson(safe), inEscapesColoured);
  }

  protected override async catch(error: Error & { exitCode?: number }): Promise<never> {
    if (isAboutFlags(error)) Object.assign(error, { actions: this.placesOf(error.flags) });
    maskError(error);
    return super.catch(error);
  }

  /** A flag that this command does not have comes before a missing org, and before a value that is wrong. */
  protected override async parse<F extends Values, B extends Values, A extends Values>(
    options?: Interfaces.Input<F, B, A>,
    argv?: string[],
  ): Promise<Interfaces.ParserOutput<F, B, A>> {
    try {
      return await super.parse(options, argv);
    } catch (error) {
      const { flags, baseFlags, args, strict } = options ?? this.ctor;
      throw (await unknownFlags(this.argv, { flags: { ...baseFlags, ...flags }, args, strict })) ?? error;
    }
  }

  /** Where flags belong that this command does not have. */
  private placesOf(flags: string[]): string[] {
    const messages = orgMessages();
    return flags.flatMap((typed) => {
      const [flag = typed] = typed.split('=');
      const { meant, owners } = placeOfFlag(flag, this.id ?? '', this.config.commands);
      return [
        ...(meant === undefined ? [] : [messages.getMessage('flagMeant', [flag, meant])]),
        ...(owners.length === 0 ? [] : [messages.getMessage('flagOfOthers', [flag, owners.join(', ')])]),
      ];
    });
  }
}

type FlagsError = Error & { flags: string[] };

/** oclif's error about flags that a command does not have. */
const isAboutFlags = (error: Error): error is FlagsError =>
  error.constructor.name === 'NonExistentFlagsError' && Array.isArray((error as Partial<FlagsError>).flags);

type Values = Record<string, unknown>;

type Words = { flags: object; args?: Interfaces.ArgInput; strict?: boolean };

/** Parses the words of a command line alone: no value is looked at, and no org looked up. */
const unknownFlags = async (argv: string[], { flags, args, strict }: Words): Promise<FlagsError | undefined> => {
  const named = Object.entries(flags as Record<string, object>).map(([name, flag]) => [
    name,
    {
      ...flag,
      ...{ parse: (word: unknown) => Promise.resolve(word), required: false },
      ...{ default: undefined, options: undefined, dependsOn: undefined, exclusive: undefined },
    },
  ]);
  const input = { flags: { json: oclif.Flags.boolean(), ...(Object.fromEntries(named) as object) }, args, strict };
  return oclif.Parser.parse(argv, input).then(
    () => undefined,
    (error: Error) => (isAboutFlags(error) ? error : undefined),
  );
};

type Login = InstanceType<Core['AuthInfo']>;

/** Registers what a login holds as secret: the session, and what gets a new one. */
export const keepLogin = (login: Login): void => {
  const { accessToken, refreshToken, clientSecret, password } = login.getFields(true);
  for (const secret of [accessToken, refreshToken, clientSecret, password]) keepSecret(secret);
};

/** The login that an alias or a username leads to, or the default org's; undefined when there is none. */
const loginOf = async (aliasOrUsername: string | undefined): Promise<Login | undefined> => {
  const config = await core.ConfigAggregator.create();
  const wanted = aliasOrUsername ?? config.getPropertyValue<string>(core.OrgConfigProperties.TARGET_ORG);
  const username = wanted && (await core.StateAggregator.getInstance()).aliases.resolveUsername(wanted);
  // Whoever looks the org up next says why there is no login.
  return username ? core.AuthInfo.create({ username }).catch(() => undefined) : undefined;
};

/** The texts of an org, as Salesforce's library has them: the door to the texts itself needs this file. */
const orgMessages = () => {
  core.Messages.importMessagesDirectoryFromMetaUrl(import.meta.url);
  return core.Messages.loadMessages('sf-plugin-eca', 'org');
};

/** Why an org cannot be looked up. */
const notFound = (key: string, ...values: string[]): Error => {
  const messages = orgMessages();
  return messages.createError(key, [messages.getMessage('doing.findingOrg'), ...values]);
};

/**
 * Looks at a login before the org is looked up. Salesforce's library sends the session as it does so, for the API versions and
 * the kind of the org.
 *
 * @throws InsecureInstanceError when the session would leave this machine unencrypted; nothing is sent then
 */
const requireSafeLogin = async (aliasOrUsername?: string): Promise<void> => {
  const login = await loginOf(aliasOrUsername);
  if (!login) return;
  keepLogin(login);
  const { instanceUrl, loginUrl } = login.getFields();
  const unsafe = [instanceUrl, loginUrl].find((url) => url && URL.canParse(url) && !isSafeForSecrets(url));
  if (unsafe === undefined) return;
  throw notFound('error.insecureInstance', new URL(unsafe).origin);
};

/** Bytes of an answer while an org is looked up, and milliseconds until all answers are there. The usual ones are small. */
const LOOK_UP_LIMITS = { bytes: 10_000_000, ms: 120_000 };

type GiveUp = (error: Error) => void;

type Sent = Promise<unknown> & { stream: () => EventEmitter & { destroy: () => void } };
type Transport = { httpRequest: (request: object, options?: object) => Sent };

/** The library's transport, which gives up on an answer without end. The library itself would read on. */
const withinBytes = (transport: Transport, giveUp: GiveUp): Transport => ({
  httpRequest: (request, options) => {
    const sent = transport.httpRequest(request, options);
    const stream = sent.stream();
    const emit = stream.emit.bind(stream);
    let bytes = 0;
    // A listener for data would take the first data away from the library's own.
    stream.emit = (name: string, ...values: unknown[]) => {
      if (name === 'data') bytes += (values[0] as Buffer).length;
      if (bytes <= LOOK_UP_LIMITS.bytes) return emit(name, ...values);
      stream.destroy();
      giveUp(notFound('error.answerTooLarge'));
      return false;
    };
    return sent;
  },
});

type Send = (request: string | { url: string; headers?: object }, options?: object) => unknown;

/**
 * Looks an org up. Salesforce's library sends requests of its own as it does so, from connections that nobody else sees. It
 * follows an answer anywhere, with the session. Here it does so to another host of the same org only.
 */
const keepingToTheOrg = async <T>(lookUp: () => Promise<T>, giveUp: GiveUp): Promise<T> => {
  const { prototype } = core.Connection;
  const send = Reflect.get(prototype, 'request') as Send;
  const sendCarefully = function (
    this: { instanceUrl: string; _transport: Transport },
    given: Parameters<Send>[0],
    options?: object,
  ): unknown {
    const request = typeof given === 'string' ? { method: 'GET', url: given, headers: {} } : given;
    const followRedirect = (location: string): object | undefined => {
      const url = new URL(location, this.instanceUrl);
      return isSameMyDomain(this.instanceUrl, url)
        ? { method: 'GET', url: url.href, headers: request.headers }
        : undefined;
    };
    return send.call(this, request, { ...options, followRedirect, transport: withinBytes(this._transport, giveUp) });
  };
  Reflect.set(prototype, 'request', sendCarefully);
  try {
    return await lookUp();
  } finally {
    Reflect.set(prototype, 'request', send);
  }
};

/** The look-ups so far. Flags are parsed side by side; what a look-up changes for a while must not be changed twice. */
let lookUps: Promise<unknown> = Promise.resolve();

const oneByOne = <T>(lookUp: () => Promise<T>): Promise<T> => {
  const next = lookUps.then(lookUp, lookUp);
  lookUps = next;
  return next;
};

/** Ends a look-up that takes too long or whose answer is cut off. The library has no listener for an answer that breaks off. */
const limited = async <T>(lookUp: () => Promise<T>): Promise<T> => {
  const { promise: givenUp, reject: giveUp } = Promise.withResolvers<never>();
  const timer = setTimeout(() => giveUp(notFound('error.answerTooSlow')), LOOK_UP_LIMITS.ms);
  process.setUncaughtExceptionCaptureCallback((error) => giveUp(notFound('error.orgUnreachable', error.message)));
  try {
    return await Promise.race([givenUp, keepingToTheOrg(lookUp, giveUp)]);
  } finally {
    clearTimeout(timer);
    process.setUncaughtExceptionCaptureCallback(null);
  }
};

const withinLimits = <T>(lookUp: () => Promise<T>): Promise<T> => oneByOne(() => limited(lookUp));

type OrgFlag = {
  parse: (input: string, ...rest: unknown[]) => Promise<unknown>;
  default?: (...context: unknown[]) => Promise<unknown>;
  defaultHelp?: (...context: unknown[]) => Promise<string | undefined>;
};

/** A flag for an org that looks at the login first, also for the help, which names the default org. */
const lookingAtLogin = <F>(make: F): F => {
  const makeFlag = make as (options?: unknown) => OrgFlag;
  const guarded = (options?: unknown): OrgFlag => {
    const flag = makeFlag(options);
    const { parse, default: lookUp, defaultHelp } = flag;
    return {
      ...flag,
      parse: async (input, ...rest) => {
        await requireSafeLogin(input);
        return withinLimits(() => parse(input, ...rest));
      },
      ...(lookUp && {
        default: async (...context) => {
          await requireSafeLogin();
          return withinLimits(() => lookUp(...context));
        },
      }),
      ...(defaultHelp && {
        defaultHelp: (...context) =>
          requireSafeLogin().then(
            () => withinLimits(() => defaultHelp(...context)),
            () => undefined,
          ),
      }),
    };
  };
  return guarded as F;
};

/** An org, as the flag for an org finds it: the one that a user named, or the default org. */
export const findOrg = async (given?: string): Promise<InstanceType<Core['Org']>> => {
  await requireSafeLogin(given);
  return withinLimits(() => core.Org.create(given === undefined ? {} : { aliasOrUsername: given }));
};

export const AuthInfo: Core['AuthInfo'] = core.AuthInfo;
export const AuthRemover: Core['AuthRemover'] = core.AuthRemover;
export const Connection: Core['Connection'] = core.Connection;
export const Global: Core['Global'] = core.Global;
export const Lifecycle: Core['Lifecycle'] = core.Lifecycle;
export const Logger: Core['Logger'] = core.Logger;
export const Messages: Core['Messages'] = core.Messages;
export const SfError: Core['SfError'] = core.SfError;
export const StateAggregator: Core['StateAggregator'] = core.StateAggregator;
export const undici: Undici = coresUndici;
export const sleep: Kit['sleep'] = kit.sleep;
export const Flags: PluginsCore['Flags'] = {
  ...pluginsCore.Flags,
  requiredOrg: lookingAtLogin(pluginsCore.Flags.requiredOrg),
  optionalOrg: lookingAtLogin(pluginsCore.Flags.optionalOrg),
};
export const SfCommand: typeof FilteredCommand = FilteredCommand;
export const StandardColors: PluginsCore['StandardColors'] = pluginsCore.StandardColors;
export const prompts: PluginsCore['prompts'] = pluginsCore.prompts;
export const toHelpSection: PluginsCore['toHelpSection'] = pluginsCore.toHelpSection;
export type SfError = InstanceType<Core['SfError']>;

if (fellBack) {
  const level = fellBack instanceof OtherMajorError ? 'warn' : 'debug';
  const why = `Using this plugin's own copies of Salesforce's libraries: ${fellBack.message}`;
  Logger.childFromRoot('sf-plugin-eca')[level](why);
}
