import type { Connection } from '@salesforce/core';

import type { Flow } from '../../app/app.ts';
import { type AppFacts, meantFlowsOf } from '../../app/checks.ts';
import { isSecretless, isSwitchedOff } from '../../app/errorNature.ts';
import { fixes } from '../../app/fixes.ts';
import { Secret } from '../../app/secret.ts';
import { say, type Text } from '../../app/text.ts';
import { consumerKeyOf, readCredentials } from '../secrets/credentials.ts';
import { type OnProgress, withSecretAccess } from '../secrets/secretAccess.ts';
import type { Trial } from './facts.ts';
import type { StoredApp } from './read.ts';

/** What is known of the app before anything is tried. */
type Known = Omit<AppFacts, keyof Trial>;

/** What a run may do for the secret. */
export type SecretTerms = {
  /** The flows to test; none: all that the app has. */
  flows: Flow[];
  /** Will somebody log in in a browser? */
  browser: boolean;
  /** May the org's switch be opened without a question? */
  allowed: boolean;
  /** Asks whether to open the switch, once the org kept the secret back. */
  mayOpen: () => Promise<boolean>;
  onSwitch: OnProgress;
};

/**
 * The key and the secret that the org has for the app, as far as its flows need the secret. Where the org keeps the secret back,
 * the trial says why, and what to do.
 *
 * @throws what `readCredentials` and `withSecretAccess` name, unless the org only keeps the secret back
 */
export const trialOf = async (
  connection: Connection,
  stored: StoredApp,
  known: Known,
  { flows, browser, allowed, mayOpen, onSwitch }: SecretTerms,
): Promise<Trial> => {
  const noSecret = (detail: Text): Promise<Trial> => withoutSecret(connection, stored, known, detail);
  if (!needsSecret(known, flows, browser)) return noSecret(say('detail.secretNotNeeded'));
  const read = async (): Promise<Trial> => {
    const app = { id: stored.id, name: stored.app.name };
    const { consumerKey, consumerSecret } = await readCredentials(connection, app, { secret: true });
    return { consumerKey, secret: { from: 'org', secret: consumerSecret ?? new Secret('') } };
  };
  const open = (): Promise<Trial> => withSecretAccess(connection, onSwitch, read);
  try {
    return allowed ? await open() : await read();
  } catch (error) {
    if (!isSecretless(error)) throw error;
    if (isSwitchedOff(error) && !allowed && (await mayOpen())) return open();
    return noSecret(say('detail.secretUnreadable', error.message));
  }
};

/** Has any flow that is to be tested a use for the consumer secret? */
const needsSecret = (known: Known, asked: Flow[], browser: boolean): boolean => {
  const { oauth } = known.app;
  if (!oauth) return false;
  const flows = asked.length > 0 ? asked : meantFlowsOf(known);
  if (flows.includes('client-credentials')) return true;
  if (flows.includes('token-exchange') && oauth.secretRequiredForTokenExchange) return true;
  const { secretRequired, secretRequiredForRefresh } = oauth;
  return browser && flows.includes('web-server') && (secretRequired !== false || secretRequiredForRefresh !== false);
};

const withoutSecret = async (
  connection: Connection,
  stored: StoredApp,
  known: Known,
  detail: Text,
): Promise<Trial> => ({
  consumerKey: stored.consumerKey ?? (await keyOfInstalled(connection, stored)),
  secret: { from: 'nowhere', detail, fix: fixes.allowSecret(known) },
});

/** The metadata of an installed app has no key. The Connect REST API returns the key to those who may see it. */
const keyOfInstalled = async (connection: Connection, stored: StoredApp): Promise<string | undefined> => {
  if (!stored.installed) return undefined;
  try {
    return await consumerKeyOf(connection, stored);
  } catch (error) {
    if (isSecretless(error)) return undefined;
    throw error;
  }
};
