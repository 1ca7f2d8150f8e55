import type { SfError } from '@salesforce/core';

import type { DeployFile, DeployProblem } from './deploy.ts';

/**
 * The one value that sources spell in two ways. Salesforce's type definitions have the first, an error of a live org at API
 * version 67.0 the second. The first is sent, and the second where an org names it.
 */
const ELEMENT = 'ipRelaxationPolicyType';
const [usual, other] = ['Enforce_RelaxRefresh', 'Enforce_relaxrefresh'];

/**
 * The files of a refused deploy in the spelling that the org named.
 *
 * @returns undefined where the spelling is not what the org refused them for
 */
export const inOrgsSpelling = (files: DeployFile[], refused: unknown): DeployFile[] | undefined => {
  const { problems = [] } = ((refused as SfError).data ?? {}) as { problems?: DeployProblem[] };
  const sent = (file: DeployFile): boolean =>
    file.elements.some((one) => one.name === ELEMENT && 'text' in one && one.text === usual);
  if (!files.some(sent) || !problems.some(({ problem }) => problem.includes(other))) return undefined;
  return files.map((file) => ({
    ...file,
    elements: file.elements.map((one) => (sent(file) && one.name === ELEMENT ? { name: ELEMENT, text: other } : one)),
  }));
};
