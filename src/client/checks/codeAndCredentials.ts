import { say } from '../../app/text.ts';
import { fixes } from '../../app/fixes.ts';
import type { CheckContext, CheckDefinition } from './check.ts';
import { failed, flowIsOn, passed, skipped } from './check.ts';

const flow = 'code-and-credentials';

const applies = ({ flows }: CheckContext): boolean => flows.includes(flow);

/**
 * The switches alone. The flow's first request has a user's name and password already, and nobody is asked for those here. It
 * goes to an Experience Cloud site (Salesforce Help, "Authorization Code and Credentials Flow").
 */
export const codeAndCredentialsChecks: CheckDefinition[] = [
  flowIsOn(flow),
  {
    id: `${flow}.allowed`,
    flow,
    needs: [`${flow}.configured`],
    applies,
    run: ({ facts: { codeAndCredentialsAllowed: allowed } }) => {
      if (allowed === undefined) return skipped(say('detail.orgSwitchUnseen'), fixes.allowCodeAndCredentials());
      return allowed
        ? passed(say('detail.orgSwitchOn'))
        : failed(say('detail.orgSwitchOff'), fixes.allowCodeAndCredentials());
    },
  },
  { id: `${flow}.token`, forClients: true, flow, applies, run: () => skipped(say('detail.noPassword')) },
];
