import type { TestContext } from '@salesforce/core/testSetup';

import { noteLogin, SUCCESS } from '../../../../src/practice/loginHistory.ts';
import type { PracticeServerOptions } from '../../../../src/practice/practice.ts';
import { StateAggregator } from '../../../../src/salesforce.ts';
import { type LoggedIn, logInToPractice } from '../../practice.ts';
import { connectedAppXml } from './inventoryOfTest.ts';

/** The Connected App of these tests, whose label has what XML and a terminal have to quote. */
export const [OLD, LABEL] = ['Old_Portal', 'Old "Portal" & Söhne'];

const DAY = 24 * 3_600_000;

export const OLD_APP = { name: OLD, xml: connectedAppXml(LABEL.replace('&', '&amp;')) };

/** A practice org with a Connected App. */
export const orgWithOldApp = async ($$: TestContext, options: PracticeServerOptions = {}): Promise<LoggedIn> =>
  logInToPractice($$, { connectedApps: [OLD_APP], ...options });

export const keyOfOld = ({ org }: Pick<LoggedIn, 'org'>): string =>
  org.consumers.get(org.component('ConnectedApp', OLD)?.id ?? '')?.primary.key ?? '';

/** Somebody logs in through an application of this label, or is refused. */
export const logsIn = ({ org }: LoggedIn, succeeded = true, application = LABEL): void =>
  noteLogin(
    org,
    { userId: org.seeded.standardUser.Id, way: 'refresh', application },
    succeeded ? SUCCESS : 'Failed: this app is blocked by admin',
  );

/** Lets whole days go by, and a minute. The login of `sf` to the org goes on. */
export const wait = ({ org }: Pick<LoggedIn, 'org'>, days: number): void => {
  for (const session of org.sessions.values())
    session.expiresAt = new Date(session.expiresAt.getTime() + (days + 1) * DAY);
  org.advance(days * DAY + 60_000);
};

/** Another login of this machine, which came through the app of a key. */
export const alsoLogIn = async (
  $$: TestContext,
  clientId: string,
  isDevHub = false,
  username = 'other@dev.example',
): Promise<void> => {
  const state = await StateAggregator.getInstance();
  $$.SANDBOX.stub(state.orgs, 'readAll').resolves([{ username, clientId, isDevHub }] as never);
};
