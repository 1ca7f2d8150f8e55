import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

import { SignJWT } from 'jose';
import * as oauth from 'oauth4webapi';

import type { OrgKind } from '../app/checks.ts';
import { fromBase64, type PemContent, type PemKind, readPem } from '../app/pem.ts';
import type { Problem, ProblemCode } from '../app/problem.ts';
import { keepSecret } from '../app/secret.ts';
import { inputName, readInput } from '../local/input.ts';
import { KEY_BYTES_MAX } from '../local/smallFile.ts';
import type { Endpoints } from './endpoints.ts';
import type { HttpClient } from './httpClient.ts';
import { asRefusal, overHttp, type Token, toToken } from './salesforceOauth.ts';
import { unreadable } from './unreadable.ts';

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Salesforce takes an assertion for some minutes at most (Salesforce Help, "OAuth 2.0 JWT Bearer Flow"). */
const ASSERTION_LIFE = '3 minutes';

/** What a JWT bearer token is asked for with. */
export type JwtRequest = {
  consumerKey: string;
  /** Username of whom the token is to stand for. */
  username: string;
  key: KeyObject;
  audience: string;
};

/** A certificate that stands beside a private key, as in the file that an integration signs with. */
export type KeyCertificate = {
  expires: Date;
  /** Does it go with the key? */
  fits: boolean;
};

/** What an integration signs with. */
export type SigningKey = { key: KeyObject; certificate?: KeyCertificate };

/**
 * Reads the private key that goes with an app's certificate, in PEM or DER format. It takes the forms that stores of secrets
 * give, too. In a PEM file the certificate may stand beside it. The key is registered as secret.
 *
 * @param path `-` for standard input
 * @returns a problem, which never quotes the file, when it cannot be used
 */
export const readPrivateKey = async (path: string): Promise<SigningKey | Problem> => {
  let content: Buffer;
  try {
    content = await readInput(path, KEY_BYTES_MAX);
  } catch (error) {
    return unreadable('error.keyFile', path, error);
  }
  const pem = readPem(content.toString('latin1'));
  const key = parseKey(content, pem);
  if (!key) return { code: problemOf(pem), values: [inputName(path)] };
  if (key.asymmetricKeyType !== 'rsa') return { code: 'error.keyFileNotRsa', values: [inputName(path)] };
  keepKey(key);
  const certificate = certificateIn(pem, key);
  return { key, ...(certificate && { certificate }) };
};

/** Why a file is of no use as a key: what it holds instead. */
const PROBLEMS = {
  certificate: 'error.keyFileCertificate',
  certificateRequest: 'error.keyFileCertificateRequest',
  encryptedKey: 'error.keyFileEncrypted',
  openSshKey: 'error.keyFileOpenSsh',
  pkcs12: 'error.keyFilePkcs12',
  publicKey: 'error.keyFilePublic',
  truncated: 'error.keyFileTruncated',
  utf16: 'error.keyFileUtf16',
} as const satisfies Partial<Record<PemKind, ProblemCode>>;

const problemOf = ({ kind, blocks }: PemContent) => {
  if (blocks.some(({ encrypted }) => encrypted)) return 'error.keyFileEncrypted';
  if (kind !== 'openSshKey' && blocks.some(({ label }) => label.endsWith('PRIVATE KEY'))) return 'error.keyFileDamaged';
  return kind && kind in PROBLEMS ? PROBLEMS[kind as keyof typeof PROBLEMS] : 'error.keyFileInvalid';
};

/**
 * Characters of a key's Base64 that are looked for at once. They are whole lines of a PEM file, so that a part of a key is
 * found too.
 */
const KEY_PART = 64;

/** Registers an RSA key in the forms that PEM files have, however they are broken into lines. */
export const keepKey = (key: KeyObject): void => {
  const modulus = Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url');
  for (const type of ['pkcs8', 'pkcs1'] as const) {
    const der = key.export({ type, format: 'der' });
    // The modulus stands first, and is public: a certificate has it as well.
    const lines = Math.ceil(((der.indexOf(modulus) + modulus.length) * 4) / 3 / KEY_PART);
    const base64 = der.toString('base64').replace(/=+$/, '');
    for (let start = lines * KEY_PART; start < base64.length; start += KEY_PART)
      keepSecret(base64.slice(start, start + KEY_PART));
  }
};

const certificateIn = ({ blocks }: PemContent, key: KeyObject): KeyCertificate | undefined => {
  const block = blocks.find(({ label }) => label.endsWith('CERTIFICATE'));
  if (block === undefined) return undefined;
  try {
    const certificate = new X509Certificate(block.pem);
    return { expires: certificate.validToDate, fits: certificate.checkPrivateKey(key) };
  } catch {
    return undefined;
  }
};

const parseKey = (content: Buffer, { blocks }: PemContent): KeyObject | undefined => {
  const bare = fromBase64(content.toString('latin1'));
  const der = bare === undefined ? content : Buffer.from(bare, 'latin1');
  const keys = blocks.filter(({ label }) => label.endsWith('PRIVATE KEY'));
  const forms = [
    ...keys.map(({ pem }) => ({ key: pem, format: 'pem' as const })),
    ...(['pkcs8', 'pkcs1'] as const).map((type) => ({ key: der, format: 'der' as const, type })),
  ];
  for (const form of forms) {
    try {
      return createPrivateKey(form);
    } catch {
      // Another form, or none; the reason could quote the file.
    }
  }
  return undefined;
};

/**
 * The audiences to try. The usual one comes first: the general login host of the org's kind. Then comes the org's My Domain,
 * which some apps alone take.
 */
export const audiencesFor = (orgKind: OrgKind, myDomainUrl: string): [string, string] => [
  orgKind === 'sandbox' || orgKind === 'scratch' ? 'https://test.salesforce.com' : 'https://login.salesforce.com',
  myDomainUrl,
];

// The assertion says who the client is; Salesforce documents no client_id beside it.
const withoutClientId: oauth.ClientAuth = () => undefined;

/**
 * Asks for a token with a signed assertion (JWT bearer flow).
 *
 * @throws RefusedError with what the org said; NoAnswerError
 */
export const requestJwtBearerToken = async (
  http: HttpClient,
  { server }: Endpoints,
  { consumerKey, username, key, audience }: JwtRequest,
): Promise<Token> =>
  asRefusal(async () => {
    const assertion = await new SignJWT()
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer(consumerKey)
      .setSubject(username)
      .setAudience(audience)
      .setExpirationTime(ASSERTION_LIFE)
      .sign(key);
    const client = { client_id: consumerKey };
    const response = await oauth.genericTokenEndpointRequest(
      server,
      client,
      withoutClientId,
      GRANT_TYPE,
      { assertion },
      overHttp(http, server.issuer),
    );
    return toToken(await oauth.processGenericTokenEndpointResponse(server, client, response));
  });
