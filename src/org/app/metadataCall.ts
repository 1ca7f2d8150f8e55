import type { Connection as OrgConnection } from '@salesforce/core';

import { plainText } from '../../app/plainText.ts';
import { askOrg } from '../request/orgError.ts';
import type { Answer, Request } from '../request/orgExchange.ts';
import { type Element, textOf } from './components.ts';
import { buildElements, parseAnswer } from './metadataXml.ts';

/** What a call of the Metadata API answered. */
export type CallAnswer = {
  /** The elements of the answer's `result`, one list for each; an answer without any has none. */
  results: Element[][];
  /** When the answer was here, by the clock of this machine: milliseconds since 1970. */
  arrived: number;
  /**
   * The earliest time, by the org's clock, at which the org can have begun with the call. Absent where the answer has no date.
   */
  began?: Date;
  /** When the org answered, by its clock, to the second. */
  answered?: Date;
};

/**
 * One call of the Metadata API over SOAP, whose answer stays XML. What Salesforce's library makes of an answer has lost the
 * order of elements, and which of them are empty.
 *
 * @param doing what is being done, for messages, such as `operation('readingApps')`
 * @param call the element of the call, such as `readMetadata`, as buildCall writes it
 * @throws what orgSaidNo names
 */
export const callMetadata = (connection: OrgConnection, doing: string, call: string): Promise<CallAnswer> =>
  askOrg(connection, doing, async () => {
    const sent = Date.now();
    const answer = await sendCall(connection, call);
    const arrived = Date.now();
    const answered = new Date(answer.headers.date ?? NaN);
    const results = parseAnswer(answer.body);
    if (Number.isNaN(answered.getTime())) return { results, arrived };
    return { results, arrived, answered, began: new Date(answered.getTime() - (arrived - sent)) };
  });

const sendCall = async (connection: OrgConnection, call: string): Promise<Answer> => {
  const first = await sendOnce(connection, call);
  if (faultOf(first)?.errorCode !== 'INVALID_SESSION_ID') return accepted(first);
  // Asks for something small, and so gets a new session where there can be one.
  await connection.refreshAuth();
  return accepted(await sendOnce(connection, call));
};

/** Rights of a session end with it, so each try takes the session that the connection has by then. */
const sendOnce = (connection: OrgConnection, call: string): Promise<Answer> => {
  const request: Request = {
    method: 'POST',
    url: `${connection.instanceUrl}/services/Soap/m/${connection.getApiVersion()}`,
    headers: { 'content-type': 'text/xml; charset=UTF-8', soapaction: '""' },
    body:
      '<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" ' +
      'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://soap.sforce.com/2006/04/metadata"><e:Header>' +
      buildElements([
        { name: 'SessionHeader', children: [{ name: 'sessionId', text: connection.accessToken ?? '' }] },
        { name: 'CallOptions', children: [{ name: 'client', text: 'sf-plugin-eca' }] },
      ]) +
      `</e:Header><e:Body>${call}</e:Body></e:Envelope>`,
  };
  return connection._transport.httpRequest(request);
};

type Fault = Error & { errorCode: string };

const accepted = (answer: Answer): Answer => {
  const fault = faultOf(answer);
  if (fault) throw fault;
  return answer;
};

/** What the org refused a call with: a fault of SOAP. What stands before the org refuses with JSON or a page. */
const faultOf = ({ statusCode, body }: Answer): Fault | undefined => {
  if (statusCode < 400) return undefined;
  const fault = soapFaultIn(body);
  const errorCode =
    textOf(fault, 'faultcode')?.replace(/^.*:/, '') ??
    /"errorCode"\s*:\s*"(\w+)"/.exec(body)?.[1] ??
    `ERROR_HTTP_${statusCode}`;
  const message = textOf(fault, 'faultstring') ?? /"message"\s*:\s*"([^"\\]*)/.exec(body)?.[1] ?? body;
  return Object.assign(new Error(message.replace(`${errorCode}: `, '')), { errorCode });
};

const soapFaultIn = (body: string): Element[] | undefined => {
  try {
    return /<(?:\w+:)?faultcode>/.test(body) ? parseAnswer(body, 'Fault')[0] : undefined;
  } catch {
    return undefined;
  }
};

/** The element of a call: its name, and what it is asked with. */
export const buildCall = (name: string, elements: Element[]): string => `<${name}>${buildElements(elements)}</${name}>`;

/** The element of a call that writes one component: its full name stands before its own elements. */
export const buildWrite = (name: string, type: string, fullName: string, elements: Element[]): string =>
  `<${name}><metadata xsi:type="${type}">${buildElements([{ name: 'fullName', text: fullName }, ...elements])}</metadata></${name}>`;

/**
 * What was wrong with the one component of a write; undefined where the org took it (SaveResult).
 *
 * @throws Error when the org does not say
 */
export const saveProblem = ({ results: [result] }: CallAnswer): { code: string; message: string } | undefined => {
  if (textOf(result, 'success') === 'true') return undefined;
  const message = textOf(result, 'errors.message');
  if (!result || message === undefined) throw new Error('The org did not say whether it wrote a component.');
  return { code: plainText(textOf(result, 'errors.statusCode') ?? ''), message: plainText(message) };
};
