import { openInBrowser } from '../../client/browser.ts';
import { identifyApp, managerUrl } from '../../org/app/read.ts';
import { Flags, SfCommand } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { asSpelled } from '../../ui/appName.ts';
import { beginInOrg, nameSaid } from '../../ui/begin.ts';
import { NAME_ARGS, ORG_FLAGS } from '../../ui/flags.ts';

const messages = texts('eca.open');

export type EcaOpenResult = {
  url: string;
  /** False with --url-only, and where there is no browser. */
  opened: boolean;
};

export default class EcaOpen extends SfCommand<EcaOpenResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = {
    ...ORG_FLAGS,
    name: Flags.string({ char: 'n', summary: messages.getMessage('flags.name.summary') }),
    'url-only': Flags.boolean({ char: 'r', summary: messages.getMessage('flags.url-only.summary') }),
  };

  public async run(): Promise<EcaOpenResult> {
    const parsed = await this.parse(EcaOpen);
    const { flags, connection } = beginInOrg(this, parsed);
    const name = nameSaid(parsed);
    const app = name === undefined ? undefined : await identifyApp(connection, name);
    asSpelled(this, name ?? '', app?.name);
    const url = app ? app.setupUrl : managerUrl(connection);
    const opened = !flags['url-only'] && (await openInBrowser(url));
    if (!opened && !flags['url-only']) this.warn(messages.createWarning('warning.noBrowser'));
    this.log(url);
    return { url, opened };
  }
}
