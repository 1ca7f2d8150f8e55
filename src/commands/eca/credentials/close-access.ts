import type { TargetOrg } from '../../../app/targetOrg.ts';
import { readTargetOrg } from '../../../org/organization/organization.ts';
import { closeSecretAccess } from '../../../org/secrets/secretAccess.ts';
import { SfCommand } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { beginInOrg } from '../../../ui/begin.ts';
import { noPromptFlag, ORG_FLAGS } from '../../../ui/flags.ts';
import { nameOrg } from '../../../ui/targetOrg.ts';

const messages = texts('eca.credentials.close-access');

export type EcaCredentialsCloseAccessResult = {
  /** Was the org's setting on? It is off now. */
  secretAccessWasOpen: boolean;
  org: TargetOrg;
};

export default class EcaCredentialsCloseAccess extends SfCommand<EcaCredentialsCloseAccessResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly hiddenAliases = ['eca:close-access', 'eca:credentials:close'];
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');

  public static override readonly flags = { ...ORG_FLAGS, 'no-prompt': noPromptFlag };

  public async run(): Promise<EcaCredentialsCloseAccessResult> {
    const { connection, targetOrg } = beginInOrg(this, await this.parse(EcaCredentialsCloseAccess));
    const org = await nameOrg(this)(readTargetOrg(connection, targetOrg));
    const secretAccessWasOpen = await closeSecretAccess(connection);
    this.logSuccess(messages.getMessage(secretAccessWasOpen ? 'closed' : 'wasClosed'));
    return { secretAccessWasOpen, org };
  }
}
