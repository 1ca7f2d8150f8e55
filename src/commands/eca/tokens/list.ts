import { plainText } from '../../../app/plainText.ts';
import { readAppNames } from '../../../org/app/read.ts';
import { appAndUser, readTokens, type RefreshToken } from '../../../org/connected/tokens.ts';
import { Flags, SfCommand } from '../../../salesforce.ts';
import { texts } from '../../../texts.ts';
import { asSpelled } from '../../../ui/appName.ts';
import { beginWithApp } from '../../../ui/begin.ts';
import { NAME_ARGS, nameFlag, noPromptFlag, ORG_FLAGS } from '../../../ui/flags.ts';
import { showTable } from '../../../ui/tables.ts';

const messages = texts('eca.tokens.list');

export type EcaTokensListResult = { name: string; tokens: RefreshToken[] };

export default class EcaTokensList extends SfCommand<EcaTokensListResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly hiddenAliases = ['eca:tokens:show'];
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = {
    ...ORG_FLAGS,
    name: nameFlag,
    username: Flags.string({ char: 'u', summary: messages.getMessage('flags.username.summary') }),
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaTokensListResult> {
    const { flags, connection, given } = await beginWithApp(this, readAppNames, await this.parse(EcaTokensList));
    const [{ id, name: stored }, userId] = await appAndUser(connection, given, flags.username);
    const name = asSpelled(this, given, stored);
    const tokens = await readTokens(connection, { id, name }, userId);
    this.show(name, tokens);
    return { name, tokens };
  }

  private show(name: string, tokens: RefreshToken[]): void {
    if (tokens.length === 0) {
      this.log(messages.getMessage('none', [name]));
      return;
    }
    showTable(this, {
      data: tokens.map((token) => ({
        user: plainText(token.username ?? token.userId),
        since: plainText(token.initialConnectionAt ?? '-'),
        lastUsed: plainText(token.lastUsedAt ?? '-'),
        uses: token.useCount === undefined ? '-' : String(token.useCount),
      })),
      columns: (['user', 'since', 'lastUsed', 'uses'] as const).map((key) => ({
        key,
        name: messages.getMessage(`column.${key}`),
      })),
    });
  }
}
