import type { TargetOrg } from '../../../app/targetOrg.ts';
import { readAppNames } from '../../../org/app/read.ts';
import { appAndUser, readTokens, revokeTokens } from '../../../org/connected/tokens.ts';
import { readTargetOrg } from '../../../org/organization/organization.ts';
import { answersInOrder } from '../../../org/request/answersInOrder.ts';
import { Flags, SfCommand } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { asSpelled } from '../../../ui/appName.ts';
import { beginWithApp } from '../../../ui/begin.ts';
import { confirmLoss } from '../../../ui/confirmation.ts';
import { NAME_ARGS, nameFlag, noPromptFlag, ORG_FLAGS } from '../../../ui/flags.ts';
import { askedOf, nameOrg } from '../../../ui/targetOrg.ts';

const messages = texts('eca.tokens.revoke');

export type EcaTokensRevokeResult = {
  name: string;
  org: TargetOrg;
  /** How many refresh tokens were revoked. */
  revoked: number;
  /** Usernames of those who have to log in again; Ids where the org gives no name. */
  users: string[];
};

export default class EcaTokensRevoke extends SfCommand<EcaTokensRevokeResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly hiddenAliases = ['eca:revoke', 'eca:tokens:delete'];
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = {
    ...ORG_FLAGS,
    name: nameFlag,
    username: Flags.string({
      char: 'u',
      summary: messages.getMessage('flags.username.summary'),
      exactlyOne: ['username', 'all-users'],
    }),
    'all-users': Flags.boolean({ summary: messages.getMessage('flags.all-users.summary') }),
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaTokensRevokeResult> {
    const { flags, connection, given, targetOrg } = await beginWithApp(
      this,
      readAppNames,
      await this.parse(EcaTokensRevoke),
    );
    const [org, [{ id, name: stored }, userId]] = await answersInOrder(
      nameOrg(this)(readTargetOrg(connection, targetOrg)),
      appAndUser(connection, given, flags.username),
    );
    const name = asSpelled(this, given, stored);
    const app = { id, name };

    const before = await readTokens(connection, app, userId);
    const users = [...new Set(before.map(({ username, userId }) => username ?? userId))];
    if (before.length > 0) {
      const question = messages.getMessage('confirm', [String(before.length), name, String(users.length)]);
      await confirmLoss(this, flags, askedOf(org, question));
      await revokeTokens(connection, app, userId);
      const left = await readTokens(connection, app, userId);
      if (left.length > 0) throw messages.createError('error.tokensLeft', [String(left.length), name], [name]);
    }
    this.logSuccess(messages.getMessage(before.length > 0 ? 'revoked' : 'none', [name, String(before.length)]));
    return { name, org, revoked: before.length, users };
  }
}
