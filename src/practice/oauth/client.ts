import type { Context } from 'hono';

import type { PracticeOrg } from '../org.ts';
import { appByKey, isUnapproved, type OauthApp } from './oauthApp.ts';
import { refusals } from './refusal.ts';
import { sameText } from './sameText.ts';

/** The form parameters of a request, the last one of a name; files don't count. */
export type Form = Record<string, string | undefined>;

export const formOf = async (c: Context): Promise<Form> => {
  const body = await c.req.parseBody().catch(() => ({}));
  return Object.fromEntries(
    Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
};

/** The client's identity: from the form, or from HTTP Basic. */
export type ClaimedClient = { id?: string; secret?: string };

export const claimedClient = (c: Context, form: Form): ClaimedClient => {
  const basic = /^Basic\s+(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  if (!basic) return { id: form.client_id, secret: form.client_secret };
  const [id = '', ...secret] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  return { id: formDecoded(id), secret: formDecoded(secret.join(':')) };
};

/** OAuth has both halves of a Basic header form-encoded first; clients that don't mostly get the same text. */
const formDecoded = (value: string): string => {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return value;
  }
};

/** The app that a client names. */
export const namedApp = (org: PracticeOrg, id: string | undefined): OauthApp => {
  const app = id ? appByKey(org, id) : undefined;
  if (!app) throw refusals.unknownClient();
  if (app.blocked || isUnapproved(org, app)) throw refusals.blocked();
  return app;
};

/** Checks the secret that a client gave; one that it need not give must be right when given. */
export const checkSecret = (app: OauthApp, secret: string | undefined, required: boolean): void => {
  if (!secret && !required) return;
  if (app.secret === undefined) return;
  if (!secret || !sameText(secret, app.secret)) throw refusals.wrongSecret();
};
