import { ANNOUNCED_CHANGES, announcement, isPast, staleChanges } from './announcedChanges.ts';
import type { Finding } from './checks.ts';
import { commandLine } from './commandLine.ts';
import {
  chooseProfile,
  INTEGRATION,
  type IntegrationSupply,
  licenceProblems,
  permissionSetLicenceProblems,
  type Seats,
} from './integrationUser.ts';
import type { Problem } from './problem.ts';
import { say } from './text.ts';

/** The known facts about an org and the login in use. Facts that this login may not see are absent. */
export type OrgFacts = {
  username: string;
  instanceUrl: string;
  /** A practice org: it has no My Domain. */
  practice: boolean;
  /** The newest version, such as 67.0. */
  apiVersion: string;
  tokenFormat: 'opaque' | 'jwt';
  externalClientApps: boolean;
  /** The permissions of which this login lacks every one, so that it sees no apps. Absent when the login has one of them. */
  missingToSee?: string;
  commands?: Array<{ command: string; missing: string[]; toGrant: string[] }>;
  secretAccessOpen?: boolean;
  supply: IntegrationSupply;
  /** API Access Control: only apps that an administrator has approved may call the API. */
  approvedAppsOnly?: boolean;
};

/** One line of the doctor's: `id` is stable, such as `api-version` or `permission.create`. */
export type DoctorCheck = { id: string } & (
  | Finding
  /** What is missing for an integration user: said in the words of the error that a write would end with. */
  | { status: 'warning'; problem: Problem }
);

/**
 * The API version since which an org has all parts that the five steps need. The app's policies came with it
 * (fields.ts).
 */
const OLDEST_VERSION = 60;

/** The API version of staged credentials, and so of `credentials rotate`. */
const ROTATION_VERSION = 65;

/** The API version since which the SOAP API accepts access tokens in JWT format. */
const JWT_SOAP_VERSION = 68;

/**
 * The abilities and limits of this org and this login, a line each, in the order of the fixes.
 *
 * @param now for what was announced: what is past by now, and what has to be read again
 */
export const examine = (facts: OrgFacts, now: Date): DoctorCheck[] => [
  apiVersion(facts),
  externalClientApps(facts),
  tokenFormat(facts),
  ...permissions(facts),
  secretAccess(facts),
  myDomain(facts),
  licence(facts.supply.licence),
  profile(facts.supply),
  permissionSetLicence(facts.supply.permissionSetLicence),
  apiAccessControl(facts),
  announcedChanges(now),
];

/** The announced change that comes next, and how old the knowledge of all of them is. */
const announcedChanges = (now: Date): DoctorCheck => {
  const id = 'announced-changes';
  const stale = staleChanges(now);
  if (stale.length > 0) {
    const oldest = stale.map(({ read }) => read).sort()[0] ?? '';
    return {
      id,
      status: 'warning',
      detail: say('doctor.announced-changes.stale', String(stale.length), oldest),
      fix: say('doctor.fix.announced-changes'),
    };
  }
  const read = ANNOUNCED_CHANGES.map((change) => change.read).sort()[0] ?? '';
  const coming = ANNOUNCED_CHANGES.filter((change) => !isPast(change, now)).map((change) => announcement(change, now));
  return {
    id,
    status: 'passed',
    detail:
      coming.length > 0
        ? say(
            'doctor.announced-changes.next',
            read,
            coming.reduce((all, text) => say('announced.both', all, text)),
          )
        : say('doctor.announced-changes.none', read),
  };
};

const apiVersion = ({ apiVersion: version }: OrgFacts): DoctorCheck => {
  const id = 'api-version';
  if (Number(version) < OLDEST_VERSION) {
    return {
      id,
      status: 'failed',
      detail: say('doctor.api-version.old', version, `${OLDEST_VERSION}.0`),
      fix: say('doctor.fix.api-version'),
    };
  }
  return Number(version) < ROTATION_VERSION
    ? {
        id,
        status: 'warning',
        detail: say('doctor.api-version.noRotation', version, `${ROTATION_VERSION}.0`),
        fix: say('doctor.fix.api-version'),
      }
    : { id, status: 'passed', detail: say('doctor.api-version.fine', version) };
};

/** An org says the same where it has no apps and where this login may not see them. */
const externalClientApps = ({ externalClientApps: there, missingToSee, username }: OrgFacts): DoctorCheck => {
  const id = 'external-client-apps';
  if (there) return { id, status: 'passed', detail: say('doctor.external-client-apps.there') };
  const [detail, fix] =
    missingToSee === undefined
      ? [say('doctor.external-client-apps.missing'), say('doctor.fix.external-client-apps')]
      : [say('doctor.external-client-apps.hidden', missingToSee), say('doctor.fix.permission', username, missingToSee)];
  return { id, status: 'failed', detail, fix };
};

const tokenFormat = ({ tokenFormat: format, apiVersion: version }: OrgFacts): DoctorCheck => {
  const id = 'token-format';
  return format === 'jwt' && Number(version) < JWT_SOAP_VERSION
    ? { id, status: 'failed', detail: say('doctor.token-format.jwt'), fix: say('doctor.fix.token-format') }
    : { id, status: 'passed', detail: say('doctor.token-format.fine', format) };
};

const PERMISSION = 'permission.';

/** Is a line about the permissions for one command? */
export const isPermission = ({ id }: Pick<DoctorCheck, 'id'>): boolean => id.startsWith(PERMISSION);

const permissions = ({ commands, username }: OrgFacts): DoctorCheck[] =>
  commands?.map(({ command, missing }): DoctorCheck => {
    const id = PERMISSION + command.replace('sf eca ', '').replaceAll(' ', '-');
    return missing.length === 0
      ? { id, status: 'passed', detail: say('doctor.permission.has', command) }
      : {
          id,
          status: 'failed',
          detail: say('doctor.permission.missing', command, missing.join(', ')),
          fix: say('doctor.fix.permission', username, missing.join(', ')),
        };
  }) ?? [{ id: 'permission', status: 'skipped', detail: say('doctor.permission.unknown') }];

const secretAccess = ({ secretAccessOpen: open }: OrgFacts): DoctorCheck => {
  const id = 'secret-access';
  if (open === undefined) return { id, status: 'skipped', detail: say('doctor.secret-access.unknown') };
  return open
    ? { id, status: 'warning', detail: say('doctor.secret-access.open'), fix: say('doctor.fix.secret-access') }
    : { id, status: 'passed', detail: say('doctor.secret-access.closed') };
};

const MY_DOMAIN_PAGE = '/lightning/setup/OrgDomain/home';

const myDomain = ({ instanceUrl, practice, username }: OrgFacts): DoctorCheck => {
  const id = 'my-domain';
  const { host } = new URL(instanceUrl);
  if (practice) return { id, status: 'passed', detail: say('doctor.my-domain.practice', host) };
  return /\.my\.(salesforce|sfcrmproducts)\./.test(`${host}.`)
    ? { id, status: 'passed', detail: say('doctor.my-domain.fine', host) }
    : {
        id,
        status: 'warning',
        detail: say('doctor.my-domain.other', host),
        fix: say(
          'doctor.fix.my-domain',
          commandLine(['sf', 'org', 'open', '--path', MY_DOMAIN_PAGE, '--target-org', username]),
        ),
      };
};

/** An org without seats can do everything except create integration users: this is a warning, no failure. */
const licence = (seats: Seats | undefined): DoctorCheck => {
  const id = 'integration-licence';
  const [problem] = licenceProblems(seats);
  return problem
    ? { id, status: 'warning', problem }
    : { id, status: 'passed', detail: say('doctor.integration-licence.free', ...left(seats)) };
};

const profile = (supply: IntegrationSupply): DoctorCheck => {
  const id = 'integration-profile';
  const { profile: chosen, problem } = chooseProfile(supply);
  if (chosen) return { id, status: 'passed', detail: say('doctor.integration-profile.there', chosen.name) };
  return problem
    ? { id, status: 'warning', problem }
    : { id, status: 'skipped', detail: say('doctor.integration-profile.noLicence', INTEGRATION.licence) };
};

const permissionSetLicence = (seats: Seats | undefined): DoctorCheck => {
  const id = 'integration-permission-set-licence';
  const [problem] = permissionSetLicenceProblems(seats);
  return problem
    ? { id, status: 'warning', problem }
    : { id, status: 'passed', detail: say('doctor.integration-permission-set-licence.free', ...left(seats)) };
};

const left = (seats: Seats | undefined): [free: string, total: string] =>
  seats ? [String(seats.total - seats.used), String(seats.total)] : ['0', '0'];

const apiAccessControl = ({ approvedAppsOnly, username }: OrgFacts): DoctorCheck => {
  const id = 'api-access-control';
  if (approvedAppsOnly === undefined)
    return { id, status: 'skipped', detail: say('doctor.api-access-control.unknown') };
  const approve = commandLine([
    'sf',
    'eca',
    'scopes',
    'set',
    '--permitted-users',
    'admin-approved',
    '--target-org',
    username,
  ]);
  return approvedAppsOnly
    ? {
        id,
        status: 'warning',
        detail: say('doctor.api-access-control.on'),
        fix: say('doctor.fix.api-access-control', approve),
      }
    : { id, status: 'passed', detail: say('doctor.api-access-control.off') };
};
