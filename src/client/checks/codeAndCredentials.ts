import { fixes } from '../../app/fixes.ts';
import { say } from '../../app/text.ts';
import { type CheckContext, type CheckDefinition, failed, flowIsOn, passed, skipped } from './check.ts';

const FLOW = 'code-and-credentials';

const applies = ({ flows }: CheckContext): boolean => flows.includes(FLOW);

/**
 * The switches alone. The flow's first request has a user's name and password already, and nobody is asked for those here. It
 * goes to an Experience Cloud site (Salesforce Help, "Authorization Code and Credentials Flow").
 */
export const CODE_AND_CREDENTIALS_CHECKS: CheckDefinition[] = [
  flowIsOn(FLOW),
  {
    id: `${FLOW}.allowed`,
    flow: FLOW,
    needs: [`${FLOW}.configured`],
    applies,
    run: ({ facts: { codeAndCredentialsAllowed: allowed } }) => {
      if (allowed === undefined) return skipped(say('detail.orgSwitchUnseen'), fixes.allowCodeAndCredentials());
      return allowed
        ? passed(say('detail.orgSwitchOn'))
        : failed(say('detail.orgSwitchOff'), fixes.allowCodeAndCredentials());
    },
  },
  { id: `${FLOW}.token`, forClients: true, flow: FLOW, applies, run: () => skipped(say('detail.noPassword')) },
];
