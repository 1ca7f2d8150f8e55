import type { Change } from '../../app/app.ts';
import {
  certificateAfter,
  isCertificateFile,
  type SeenApp,
  shownCertificate,
  withJwtBearer,
} from '../../app/certificate.ts';
import { fieldOf, merge, notKept } from '../../app/changes.ts';
import { certificateNotKept, NO_TERMS } from './certificateTerms.ts';
import { fields } from './fields.ts';
import type { Plan } from './plan.ts';
import { grantsOfPlan } from './planAccess.ts';
import type { StoredApp } from './read.ts';

/** An app as results show it: its shape, and what only the org can say. */
export type DisplayedApp = SeenApp & { id?: string; consumerKey?: string; setupUrl?: string };

export type WriteResult = {
  /** As read back from the org; with a dry run, as it would be. */
  app: DisplayedApp;
  created: boolean;
  changes: Change[];
  /** What the org took and did not keep: `before` is what was asked for, `after` what the org has. */
  notApplied: Change[];
  /** Absent when there was nothing to change. Also absent where the change needs no deploy, such as switching an app off. */
  deployId?: string;
  /**
   * Permission sets and profiles that granted access to the app beside its lists. A write of the policies could have taken it
   * away. Absent when there were none.
   */
  grants?: {
    /** They are in the lists of the policies now. */
    kept: string[];
    /** No list can hold them; the org took their access away in the write, and they were given it back. */
    putBack: string[];
  };
  dryRun: boolean;
};

/**
 * @param now the app as it was read back; as before, with a dry run or with nothing to do
 * @param deployId of the deploy that carried out what was to be done
 * @param putBack names of the grants that were put back after the deploy
 */
export const resultOf = (
  planned: Plan,
  now: StoredApp | undefined,
  { dryRun }: { dryRun: boolean },
  deployId?: string,
  putBack: string[] = [],
): WriteResult => {
  const { action, changes } = planned;
  const read = dryRun ? undefined : now;
  return {
    app: read ? displayed(read) : asItWouldBe(planned, now),
    created: action === 'create',
    changes: read
      ? changes.map((change) =>
          isReadable(change.field) ? { ...change, after: fieldOf(read.app, change.field) } : change,
        )
      : changes,
    notApplied: read ? [...notKept(changes, read.app), ...certificateNotKept(planned, read)] : [],
    ...(deployId && action !== 'none' && { deployId }),
    ...grantsIn(grantsOfPlan(planned).listed, putBack),
    dryRun,
  };
};

/** The app after a plan that was not carried out, with the certificate that would be there. */
const asItWouldBe = ({ wish, terms = NO_TERMS }: Plan, now: StoredApp | undefined): DisplayedApp => {
  const said = wish.oauth?.certificateFile;
  const there = certificateAfter(now?.certificate ?? { there: 'no' }, said);
  const { oauth, ...app }: DisplayedApp = {
    ...(now && displayed(now)),
    ...withJwtBearer(merge(now?.app, wish), there),
  };
  if (!oauth) return app;
  const known = now?.certificate ?? { there: 'no' as const };
  const certificate = isCertificateFile(said)
    ? terms.given.get(said)?.fingerprint
    : there === known.there
      ? shownCertificate(known)
      : undefined;
  return { ...app, oauth: { ...oauth, ...(certificate && { certificate }) } };
};

const grantsIn = (kept: string[], putBack: string[]): Pick<WriteResult, 'grants'> =>
  kept.length + putBack.length > 0 ? { grants: { kept, putBack } } : {};

const isReadable = (path: string): boolean => fields.some((field) => field.path === path && field.read !== undefined);

/** An app as results show it. */
export const displayed = ({ app, id, consumerKey, setupUrl, certificate }: StoredApp): DisplayedApp => {
  const shown = shownCertificate(certificate);
  return {
    ...app,
    ...(app.oauth && { oauth: { ...app.oauth, ...(shown && { certificate: shown }) } }),
    id,
    ...(consumerKey && { consumerKey }),
    setupUrl,
  };
};
