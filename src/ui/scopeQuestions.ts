import { namesSaid } from '../app/fields.ts';
import { isProblem } from '../app/problem.ts';
import { parseScopes } from '../app/scopes.ts';
import { texts } from '../texts.ts';
import { explain } from './problems.ts';
import { PROMPTS } from './prompts.ts';

const messages = texts('eca.scopes.set');

/** Asks for scopes, until each of them is a scope. */
export const askScopes = async (): Promise<string[]> => [
  await PROMPTS.text({
    message: messages.getMessage('prompt.scopes'),
    problem: (answer) =>
      parseScopes([answer])
        .map((scope) => explain(isProblem(scope) ? scope : undefined))
        .find(Boolean),
  }),
];

/** Asks for the names of the permission sets that give users access to an app. */
export const askPermissionSets = async (): Promise<string[]> =>
  namesSaid([await PROMPTS.text({ message: messages.getMessage('prompt.permissionSets') })]);
