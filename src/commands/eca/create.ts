import type { Interfaces } from '@oclif/core';
import type { Connection, SfError } from '@salesforce/core';

import type { Wish } from '../../app/app.ts';
import { changesOf } from '../../app/changes.ts';
import { checkNewApp } from '../../app/checkWish.ts';
import { checkContactEmail } from '../../app/contactEmail.ts';
import { fieldsSaid } from '../../app/fields.ts';
import { checkName, suggestName } from '../../app/name.ts';
import { labelOf, withDefaults } from '../../app/newApp.ts';
import type { TargetOrg } from '../../app/targetOrg.ts';
import { readApp, type StoredApp } from '../../org/app/read.ts';
import { orgToChange } from '../../org/app/toChange.ts';
import { writeApp } from '../../org/app/write.ts';
import type { WriteResult } from '../../org/app/writeResult.ts';
import { answersInOrder } from '../../org/request/answersInOrder.ts';
import { connectedAppNamed, runningUserEmail } from '../../org/users/permissions.ts';
import { SfCommand, toHelpSection } from '../../salesforce.ts';
import { texts } from '../../texts.ts';
import { BASIC_FLAGS, basicsInWords } from '../../ui/basicFlags.ts';
import { beginInOrg, nameSaid } from '../../ui/begin.ts';
import { changeRows } from '../../ui/changeRows.ts';
import { exitCodes } from '../../ui/exitCodes.ts';
import { NAME_ARGS, nameFlag, noPromptFlag, ORG_FLAGS, WRITE_FLAGS } from '../../ui/flags.ts';
import { explain, refuseProblems } from '../../ui/problems.ts';
import { showingWrite } from '../../ui/progress.ts';
import { askName, mayAsk, needFlags, PROMPTS } from '../../ui/prompts.ts';
import { nameOrg } from '../../ui/targetOrg.ts';
import { showWritten } from '../../ui/writeResult.ts';

const messages = texts('eca.create');

export type EcaCreateResult = WriteResult & { org: TargetOrg };

export default class EcaCreate extends SfCommand<EcaCreateResult> {
  public static override readonly summary = messages.getMessage('summary');
  public static override readonly hiddenAliases = ['eca:new', 'eca:add'];
  public static override readonly description = messages.getMessage('description');
  public static override readonly examples = messages.getMessages('examples');
  public static override readonly errorCodes = toHelpSection('ERROR CODES', exitCodes);

  public static override readonly args = NAME_ARGS;

  public static override readonly flags = {
    ...ORG_FLAGS,
    name: nameFlag,
    ...BASIC_FLAGS,
    ...WRITE_FLAGS,
    'no-prompt': noPromptFlag,
  };

  public async run(): Promise<EcaCreateResult> {
    const parsed = await this.parse(EcaCreate);
    const begun = beginInOrg(this, parsed);
    const { flags, connection, sameApp } = begun;
    const asking = mayAsk(this, flags);
    const mayCreate = (): Promise<TargetOrg> => orgToChange(begun, 'create', nameOrg(this));
    // Whoever may not create an app is not asked about it.
    const early = asking ? await mayCreate() : undefined;
    const given = nameSaid(parsed);
    // As in Setup, the label comes first, and the name is made of it.
    const label = flags.label ?? (asking && given === undefined ? await askLabel() : undefined);
    const needed = await needFlags(asking, {
      name: { given, ask: () => askNewName(label) },
      'contact-email': { given: flags['contact-email']?.trim(), ask: ({ name }) => emailFor(connection, String(name)) },
    });
    const wish = wishFrom({ ...flags, label }, needed.name, needed['contact-email']);
    const app = sameApp(wish.name);
    refuseProblems(checkNewApp(wish), app);

    const { name } = wish;
    const [org, stored, connectedApp] = await answersInOrder(
      Promise.resolve(early ?? mayCreate()),
      readApp(connection, name),
      connectedAppNamed(connection, [name, label ?? labelOf(name)]),
    );
    if (stored) refuseOtherSpelling(stored, name, sameApp);
    const update = `${this.config.bin} eca update --name ${app} ${basicsInWords(flags)}`;
    if (stored) refuseOtherValues(stored, wish, app, update);
    else if (connectedApp) this.warn(messages.createWarning('warning.connectedApp', [connectedApp]));

    const writing = messages.getMessage('progress', [wish.name]);
    const result = await showingWrite(this.spinner, flags, { name: wish.name, writing }, (options) =>
      writeApp(connection, stored, stored ? wish : withDefaults(wish), options),
    );
    showWritten(this, result, {
      text: messages.getMessage('next'),
      commandLine: `${this.config.bin} eca oauth set --name ${app}`,
    });
    return { ...result, org };
  }
}

const wishFrom = (
  flags: Interfaces.InferredFlags<typeof EcaCreate.flags>,
  name: string,
  contactEmail: string,
): Wish => ({
  name,
  ...fieldsSaid(flags),
  contactEmail,
});

/** To an org, a name in another case is the same name. So the write would change the app that is there. */
const refuseOtherSpelling = ({ app: { name } }: StoredApp, given: string, sameApp: (name: string) => string): void => {
  if (name === given) return;
  const app = sameApp(name);
  throw messages.createError('error.nameSpelled', [name, given], [app, app]).setData({ name });
};

/** An app that is there is never changed. Where its values are not the wished ones, the error says which differ. */
const refuseOtherValues = (stored: StoredApp, wish: Wish, app: string, update: string): void => {
  const changes = changesOf(stored.app, wish);
  if (changes.length === 0) return;
  const lines = changeRows(changes).flatMap(({ field, before, after }) =>
    `- ${messages.getMessage('difference', [field, before.split('\n'), after.split('\n')])}`.split('\n'),
  );
  throw messages
    .createError('error.appDiffers', [wish.name, lines], [app, update])
    .setData({ changes } as unknown as NonNullable<SfError['data']>);
};

const askLabel = (): Promise<string> => PROMPTS.text({ message: messages.getMessage('prompt.label') });

const askNewName = (label: string | undefined): Promise<string> =>
  askName(label && suggestName(label), (answer) => explain(checkName(answer)));

/** An app that is there is not changed, so nobody is asked for its values. */
const emailFor = async (connection: Connection, name: string): Promise<string> =>
  (checkName(name) ? undefined : await readApp(connection, name))?.app.contactEmail ?? askContactEmail(connection);

const askContactEmail = async (connection: Connection): Promise<string> => {
  const own = await runningUserEmail(connection);
  return PROMPTS.text({
    message: messages.getMessage('prompt.contactEmail'),
    default: own !== undefined && !checkContactEmail(own) ? own : undefined,
    problem: (answer) => explain(checkContactEmail(answer)),
  });
};
