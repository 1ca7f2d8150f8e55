import type { Connection } from '@salesforce/core';

import type { TokenExchangeHandler } from '../../app/checks.ts';
import { operation } from '../request/operation.ts';
import { askOrgIfSeen } from '../request/orgError.ts';
import { soql } from '../request/soql.ts';

type Row = { IsDefault: boolean; OauthTokenExchangeHandler: { DeveloperName: string; IsEnabled: boolean } };

/**
 * Which Apex handlers take an identity provider's tokens for an app (Object Reference, OauthTokenExchHandlerApp, API 60.0 and
 * later).
 *
 * @returns undefined when this login may not see them, or the org does not know them
 * @throws what orgSaidNo names
 */
export const readTokenExchangeHandlers = async (
  connection: Connection,
  appId: string,
): Promise<TokenExchangeHandler[] | undefined> => {
  const seen = await askOrgIfSeen(connection, operation('readingTokenExchange'), () =>
    connection.query<Row>(
      'SELECT IsDefault, OauthTokenExchangeHandler.DeveloperName, OauthTokenExchangeHandler.IsEnabled ' +
        soql`FROM OauthTokenExchHandlerApp WHERE ExternalClientApplicationId = ${appId}`,
    ),
  );
  return seen?.records.map(({ IsDefault, OauthTokenExchangeHandler: { DeveloperName, IsEnabled } }) => ({
    name: DeveloperName,
    enabled: IsEnabled,
    isDefault: IsDefault,
  }));
};
