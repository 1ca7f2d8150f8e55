import { Hono } from 'hono';

import type { PracticeEnv } from './gate.ts';
import { maySetPassword, resetPassword, setPassword, SHORTEST_PASSWORD } from './logins.ts';
import type { PracticeOrg } from './org.ts';
import { answer, faultAnswer, type Namespaces, sessionOf, versionOf } from './soap.ts';
import { Fault } from './soapFault.ts';
import { child, childText, parseXml, writeXml, type XmlElement } from './xml.ts';
const NAMESPACES: Record<string, Namespaces> = {
  c: { calls: 'urn:enterprise.soap.sforce.com', faults: 'urn:fault.enterprise.soap.sforce.com' },
  u: { calls: 'urn:partner.soap.sforce.com', faults: 'urn:fault.partner.soap.sforce.com' },
};

/**
 * The enterprise and the partner SOAP API, as far as clients of external client apps use them. They cover passwords,
 * and `login()`, which a new org refuses (SOAP API guide; the wording was reported). Every other call gets a fault.
 */
export const partnerSoapRoutes = (org: PracticeOrg): Hono<PracticeEnv> => {
  const routes = new Hono<PracticeEnv>();

  routes.on('POST', ['/services/Soap/:api{[cu]}/:version', '/services/Soap/:api{[cu]}/:version/:org'], async (c) => {
    const namespaces = NAMESPACES[c.req.param('api')];
    try {
      const envelope = parseXml(await c.req.text());
      const call = child(envelope, 'Body')?.children[0];
      c.set('summary', call?.name ?? 'no operation');
      const version = versionOf(org, c.req.param('version'));
      if (call?.name === 'login') throw new Fault('sf:INVALID_OPERATION', NO_LOGIN);
      const { userId } = sessionOf(org, envelope, version);
      return answer(c, call?.name ?? '', resultOf(org, userId, call), namespaces);
    } catch (error) {
      return faultAnswer(c, error, namespaces);
    }
  });

  return routes;
};

const NO_LOGIN =
  'SOAP API login() is disabled by default in this org. Contact the org administrator to enable SOAP API login().';

const resultOf = (org: PracticeOrg, by: string, call: XmlElement | undefined): string => {
  const userId = childText(call, 'userId') ?? '';
  switch (call?.name) {
    case 'setPassword': {
      const password = childText(call, 'password') ?? '';
      if (password.length < SHORTEST_PASSWORD) {
        throw new Fault(
          'sf:INVALID_NEW_PASSWORD',
          `Your password must be at least ${SHORTEST_PASSWORD} characters long.`,
        );
      }
      setPassword(org, changeableUser(org, by, userId), password);
      return '<result/>';
    }
    case 'resetPassword':
      return writeXml('result', { password: resetPassword(org, changeableUser(org, by, userId)) });
    default:
      throw new Fault('sf:INVALID_OPERATION', `No operation available for request ${call?.name ?? ''}`);
  }
};

/** The id of a user whose password this one may set. */
const changeableUser = (org: PracticeOrg, by: string, userId: string): string => {
  const user = org.record('User', userId);
  if (!user) throw new Fault('sf:INVALID_ID_FIELD', `invalid user id: ${userId}`);
  if (!maySetPassword(org, by, user.Id)) {
    throw new Fault('sf:INSUFFICIENT_ACCESS', 'insufficient access rights on cross-reference id');
  }
  return user.Id;
};
