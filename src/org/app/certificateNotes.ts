import { readFile } from 'node:fs/promises';

import type { Connection } from '@salesforce/core';

import type { CertificateKnowledge, Validity } from '../../app/certificate.ts';
import { takeLock } from '../../local/lock.ts';
import { orgIdOf, stateFile } from '../../local/stateFiles.ts';
import { writeWhole } from '../../local/wholeFile.ts';
import { Logger } from '../../salesforce.ts';

/*
 * What this machine remembers of the certificates that it gave to apps, since an org may not return them. A note is about an
 * app's last write from here. It has the certificate's fingerprint, or says that there was none. It also has the org's date of
 * the last change of the settings with the certificate. A note says something only as long as that date is the org's. Whoever
 * writes the settings later, from wherever, changes the date. It holds no key, no secret and no certificate.
 */

/** A note of one app's certificate. */
export type CertificateNote = {
  /** SHA-256; null where the settings were written without a certificate. */
  fingerprint: string | null;
  /** When the global OAuth settings were last changed, by the org's clock. */
  lastModified: Date;
  /** Absent without a certificate, and in notes of earlier versions. */
  validity?: Validity;
};

/** What a note says of an app's certificate. */
export const knowledgeOf = ({ fingerprint, validity }: CertificateNote): CertificateKnowledge =>
  fingerprint === null
    ? { there: 'no' }
    : { there: 'yes', returned: false, fingerprint, ...(validity && { validity }) };

/** Notes by the app's id. */
export type CertificateNotes = ReadonlyMap<string, CertificateNote>;

type WrittenNote = { fingerprint: string | null; lastModified: string; validFrom?: string; expires?: string };
type Written = { orgId: string; apps: Record<string, WrittenNote> };

/** How long to wait for another run that writes notes, in milliseconds. Whoever cannot write a note goes on without. */
const PATIENCE = 5_000;

const fileOf = (orgId: string): string => stateFile(`certificates-${orgId}.json`);

/** The notes of an org. A file, or a note, that cannot be read says nothing. */
export const readCertificateNotes = async (connection: Connection): Promise<CertificateNotes> => {
  const orgId = orgIdOf(connection);
  try {
    const { orgId: ofOrg, apps } = JSON.parse(await readFile(fileOf(orgId), 'utf8')) as Partial<Written>;
    if (ofOrg !== orgId) return new Map();
    return new Map(
      Object.entries(apps ?? {}).flatMap(([id, note]): Array<[string, CertificateNote]> =>
        isNote(note) ? [[id, noteOf(note)]] : [],
      ),
    );
  } catch {
    return new Map();
  }
};

const noteOf = ({ fingerprint, lastModified, validFrom = '', expires = '' }: WrittenNote): CertificateNote => {
  const validity = { from: new Date(validFrom), expires: new Date(expires) };
  const isKnown = !Number.isNaN(validity.from.getTime()) && !Number.isNaN(validity.expires.getTime());
  return { fingerprint, lastModified: new Date(lastModified), ...(isKnown && { validity }) };
};

/** A note that lost its fingerprint must not say that there was none. */
const isNote = (note: unknown): note is Written['apps'][string] => {
  const { fingerprint, lastModified } = (note ?? {}) as Partial<Written['apps'][string]>;
  return (
    (fingerprint === null ||
      (typeof fingerprint === 'string' && /^[0-9A-F]{2}(:[0-9A-F]{2}){31}$/.test(fingerprint))) &&
    typeof lastModified === 'string' &&
    !Number.isNaN(Date.parse(lastModified))
  );
};

/**
 * Writes down what became of apps' certificates. Where the home folder cannot be written nothing is written down, and the user
 * is asked again the next time.
 *
 * @param news by the app's id; undefined takes a note away
 */
export const writeCertificateNotes = async (
  connection: Connection,
  news: ReadonlyMap<string, CertificateNote | undefined>,
): Promise<void> => {
  if (news.size === 0) return;
  const orgId = orgIdOf(connection);
  const file = fileOf(orgId);
  try {
    const letGo = await takeLock(file, PATIENCE);
    try {
      const notes = new Map(await readCertificateNotes(connection));
      for (const [id, note] of news) {
        if (note) notes.set(id, note);
        else notes.delete(id);
      }
      const written: Written = {
        orgId,
        apps: Object.fromEntries(
          [...notes].map(([id, { fingerprint, lastModified, validity }]) => [
            id,
            {
              fingerprint,
              lastModified: lastModified.toISOString(),
              validFrom: validity?.from.toISOString(),
              expires: validity?.expires.toISOString(),
            },
          ]),
        ),
      };
      await writeWhole(file, `${JSON.stringify(written)}\n`, { secret: true });
    } finally {
      await letGo().catch(() => undefined);
    }
  } catch (error) {
    Logger.childFromRoot('sf-plugin-eca').debug(`A certificate could not be noted: ${String(error)}`);
  }
};
