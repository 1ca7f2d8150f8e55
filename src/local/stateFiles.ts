/* The place where this machine remembers facts about an org between runs. */
import { join } from 'node:path';

import type { Connection } from '@salesforce/core';

import { Global } from '../salesforce.ts';

/** A file of this plugin, beside the logins of `sf`. */
export const stateFile = (name: string): string => join(Global.SF_DIR, 'sf-plugin-eca', name);

/** Names an org in file names. A login has the org's Id with 15 or 18 characters, or no Id at all. */
export const orgIdOf = (connection: Connection): string =>
  connection.getAuthInfoFields().orgId?.slice(0, 15) ??
  new URL(connection.instanceUrl).host.replaceAll(/[^\w.-]/g, '-');
