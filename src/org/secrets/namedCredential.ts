import type { Connection } from '@salesforce/core';

import { isInterruption, isKeptBack, isRefusal, ofNature } from '../../app/errorNature.ts';
import { type Pair, sentValue } from '../../app/targets/input.ts';
import type { PrincipalPlace } from '../../app/targets/namedCredential.ts';
import { unlessAborted } from '../../local/interruption.ts';
import { texts } from '../../texts.ts';
import { answersInOrder } from '../request/answersInOrder.ts';
import { operation } from '../request/operation.ts';
import { apiCodeOf, askOrg } from '../request/orgError.ts';
import { resend } from '../request/resend.ts';
import { askResource, resourcePath, type ResourceRequest } from '../request/resource.ts';

const messages = texts('org');

/** The API version since which credentials have variants of their protocol (Connect REST API guide, "Credential"). */
const SINCE = 57;

/** The variants of OAuth that take a client secret (Connect REST API guide, "External Credential"). */
const WITH_SECRET = new Set(['ClientCredentialsClientSecret', 'ClientCredentialsClientSecretBasic']);

/** The kind of principal that has values of its own. The others belong to users and to AWS. */
const PRINCIPAL_TYPE = 'NamedPrincipal';

/** A principal that takes a client's key and secret. */
export type Principal = {
  place: PrincipalPlace;
  variant: string;
  /** The names of its values. A write replaces all of them. */
  existing: string[];
  /** Where the org of the credential sends the values for a token, as far as it tells. */
  tokenUrl?: string;
};

type ExternalCredential = {
  authenticationProtocol?: string;
  authenticationProtocolVariant?: string | null;
  parameters?: Array<{ parameterType?: string; parameterValue?: string }>;
  principals?: Array<{ principalName?: string; principalType?: string }>;
};

type Credential = {
  authenticationStatus?: string;
  credentials?: Record<string, { value?: string | null } | undefined> | null;
};

/** @returns undefined where there is no such thing */
const ask = async <T>(
  connection: Connection,
  { externalCredential }: PrincipalPlace,
  request: ResourceRequest,
): Promise<T | undefined> => {
  const path = resourcePath(connection, SINCE, `named-credentials/${request.path}`);
  const doing = operation(
    request.method === 'GET' ? 'readingNamedCredential' : 'writingNamedCredential',
    externalCredential,
  );
  return askOrg(connection, doing, async () => {
    try {
      return await askResource<T>(connection, { ...request, path });
    } catch (error) {
      const code = apiCodeOf(error);
      if (/^(NOT_FOUND|ERROR_HTTP_404)$/.test(code)) return undefined;
      if (!/^(INSUFFICIENT_ACCESS\w*|FORBIDDEN|ERROR_HTTP_403)$/.test(code)) throw error;
      const user = connection.getUsername() ?? '';
      throw ofNature({ refused: true }, messages.createError('error.namedCredentialNotAllowed', [user], []));
    }
  });
};

const coordinates = ({ externalCredential, principal }: PrincipalPlace) => ({
  externalCredential,
  principalName: principal,
  principalType: PRINCIPAL_TYPE,
});

const readCredential = (connection: Connection, place: PrincipalPlace): Promise<Credential | undefined> =>
  ask<Credential>(connection, place, {
    method: 'GET',
    path: `credential?${new URLSearchParams(coordinates(place)).toString()}`,
  });

/**
 * Looks at a principal before any secret is read. Two requests, side by side.
 *
 * @throws error.externalCredentialMissing, error.principalMissing, error.otherProtocol, error.namedCredentialNotAllowed; else what
 *   orgSaidNo names
 */
export const readPrincipal = async (connection: Connection, place: PrincipalPlace): Promise<Principal> => {
  const path = `external-credentials/${encodeURIComponent(place.externalCredential)}`;
  const [external, credential] = await answersInOrder(
    ask<ExternalCredential>(connection, place, { method: 'GET', path }),
    readCredential(connection, place),
  );
  if (!external) throw messages.createError('error.externalCredentialMissing', [place.externalCredential], []);
  const named = (external.principals ?? []).filter(({ principalType }) => principalType === PRINCIPAL_TYPE);
  if (!named.some(({ principalName }) => principalName === place.principal)) {
    const names = named.map(({ principalName }) => principalName ?? '').join(', ');
    throw messages.createError('error.principalMissing', [place.externalCredential, place.principal, names || '-'], []);
  }
  const { authenticationProtocol = '', authenticationProtocolVariant: variant } = external;
  if (authenticationProtocol !== 'OAuth' || !variant || !WITH_SECRET.has(variant)) {
    const protocol = [authenticationProtocol, variant].filter(Boolean).join(' ');
    throw messages.createError('error.otherProtocol', [place.externalCredential, protocol || '-'], []);
  }
  const url = external.parameters?.find(({ parameterType }) => parameterType === 'AuthProviderUrl')?.parameterValue;
  return { place, variant, existing: namesOf(credential), ...(url !== undefined && { tokenUrl: url }) };
};

const namesOf = (credential: Credential | undefined): string[] => Object.keys(credential?.credentials ?? {});

/**
 * Gives a principal a key and secret, and reads it back. The first values are created, others are replaced: both name all values.
 * A lost answer is looked up before the values are sent again.
 *
 * @throws error.principalNotWritten, error.principalMaybeWritten, error.principalNotReadBack, error.principalNotKept; all say what
 *   is there
 */
export const writePrincipal = async (
  connection: Connection,
  { place, variant, existing }: Principal,
  pair: Pair,
  signal: AbortSignal,
): Promise<void> => {
  const body = {
    ...coordinates(place),
    authenticationProtocol: 'OAuth',
    authenticationProtocolVariant: variant,
    credentials: {
      clientId: { value: sentValue('consumerKey', pair), encrypted: false },
      clientSecret: { value: sentValue('consumerSecret', pair), encrypted: true },
    },
  };
  const { externalCredential, principal } = place;
  const write = resend(async (tries) => {
    const there = tries === 0 ? existing : namesOf(await readCredential(connection, place));
    const method = there.length > 0 ? 'PUT' : 'POST';
    const written = await ask<Credential>(connection, place, { method, path: 'credential', body });
    if (!written)
      throw ofNature(
        { refused: true },
        messages.createError('error.principalMissing', [externalCredential, principal, '-'], []),
      );
  });
  await unlessAborted(signal, write).catch((error: unknown) => {
    if (isInterruption(error)) throw stopped(place, error);
    const values = [externalCredential, principal, messageOf(error)] as const;
    throw isRefusal(error) || isKeptBack(error)
      ? messages.createError('error.principalNotWritten', [...values], [])
      : messages.createError('error.principalMaybeWritten', [...values], []);
  });
  await readBack(connection, place, pair.consumerKey, signal);
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const stopped = ({ externalCredential, principal }: PrincipalPlace, reason: unknown): Error => {
  const { exitCode } = reason as { exitCode?: number };
  const values = [externalCredential, principal, messageOf(reason)] as const;
  return ofNature(
    { interrupted: true },
    messages.createError('error.principalMaybeWritten', [...values], [], exitCode),
  );
};

/** The org shows the key, and never the secret. */
const readBack = async (
  connection: Connection,
  place: PrincipalPlace,
  consumerKey: string,
  signal: AbortSignal,
): Promise<void> => {
  const { externalCredential, principal } = place;
  const found = await unlessAborted(signal, readCredential(connection, place)).catch((error: unknown) => {
    throw messages.createError('error.principalNotReadBack', [externalCredential, principal, messageOf(error)], []);
  });
  const names = namesOf(found);
  const key = found?.credentials?.clientId?.value;
  const isKept = names.includes('clientId') && names.includes('clientSecret') && (key ?? consumerKey) === consumerKey;
  if (isKept && found?.authenticationStatus === 'Configured') return;
  const status = found?.authenticationStatus ?? '-';
  throw messages.createError('error.principalNotKept', [externalCredential, principal, status], []);
};
