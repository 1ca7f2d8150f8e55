import type { Connection as OrgConnection } from '@salesforce/core';

import { pasteable } from '../../app/commandLine.ts';
import { EXIT_CODE_FOR } from '../../app/exitCodes.ts';
import { texts } from '../../texts.ts';
import { operation } from '../request/operation.ts';
import { askOrg, askOrgIfSeen } from '../request/orgError.ts';
import { poll } from '../request/polling.ts';
import { soql } from '../request/soql.ts';

const messages = texts('org');

/**
 * Waits for the deploys of this user that the org has not finished yet (Tooling API, DeployRequest). A run that was ended too
 * early leaves such a deploy behind. Once it is done, what it did can be read and is not done again. The org does not tell what
 * is in a deploy, so others of the same user are waited for too. The org does one after the other in any case.
 *
 * An org that does not tell a user about deploys is not waited for. Then the same deploy may be sent twice, which does no harm.
 *
 * @param minutes how long to wait for all of them
 * @param onProgress is called when a deploy is waited for
 * @param signal ends the waiting
 * @returns the ids of the deploys that were waited for
 * @throws the signal's reason; error.deployBefore (exit code 69) when one is not done in time
 */
export const waitForDeploys = async (
  connection: OrgConnection,
  minutes: number,
  onProgress: (status: string) => void,
  signal?: AbortSignal,
): Promise<string[]> => {
  const deployIds = await deploysUnderWay(connection);
  const end = Date.now() + minutes * 60_000;
  for (const id of deployIds) {
    const look = async () => {
      const { done: finished, status } = await askOrg(connection, operation('waitingForDeploy'), () =>
        // Over REST, which takes opaque and JWT access tokens alike.
        connection.metadata.checkDeployStatus(id, false, true),
      );
      onProgress(status);
      return finished || undefined;
    };
    const done = await poll(look, end - Date.now(), signal);
    if (!done)
      throw messages
        .createError(
          'error.deployBefore',
          [pasteable(id), String(minutes)],
          [pasteable(id)],
          EXIT_CODE_FOR.stillRunning,
        )
        .setData({ deployId: id });
  }
  return deployIds;
};

const deploysUnderWay = async (connection: OrgConnection): Promise<string[]> => {
  const username = connection.getUsername() ?? '';
  const seen = await askOrgIfSeen(connection, operation('waitingForDeploy'), () =>
    connection.tooling.query<{ Id: string }>(
      soql`SELECT Id FROM DeployRequest WHERE Status IN ${['Pending', 'InProgress']} AND CheckOnly = false ` +
        soql`AND CreatedBy.Username = ${username} ORDER BY CreatedDate`,
    ),
  );
  return (seen?.records ?? []).map(({ Id }) => Id);
};
