import { type Context, Hono } from 'hono';

import { type PracticeEnv, restError } from '../gate.ts';
import { type DeployOptions, DeployRefused } from '../metadata/deploy.ts';
import type { Deployments } from '../metadata/deployments.ts';
import type { PracticeOrg } from '../org.ts';
import { mayUseMetadata, NO_METADATA_ACCESS } from '../soap.ts';

/** Deploying over REST: a zip and its options in, the result to be asked for. */
export const metadataRoutes = (org: PracticeOrg, deployments: Deployments): Hono<PracticeEnv> => {
  const routes = new Hono<PracticeEnv>().basePath('/services/data/:version/metadata');

  routes.use(async (c, next) => {
    if (mayUseMetadata(org, c.get('session').userId)) return next();
    return restError(c, 403, { errorCode: 'INSUFFICIENT_ACCESS', message: NO_METADATA_ACCESS });
  });

  routes.post('/deployRequest', async (c) => {
    if (c.req.header('content-type')?.startsWith('application/json')) return deployValidated(c);
    const form = await c.req.formData().catch(() => undefined);
    const file = form?.get('file');
    const sent = await optionsOf(form);
    if (!(file instanceof File) || !sent) {
      return restError(c, 400, {
        errorCode: 'INVALID_MULTIPART_REQUEST',
        message: 'Multipart message must have a JSON part with deployOptions and a part named file with the zip.',
      });
    }
    const options = deployOptions(sent);
    c.set('summary', options.checkOnly ? 'deploy checkOnly' : 'deploy');
    const zip = new Uint8Array(await file.arrayBuffer());
    return orRefused(c, () => {
      const { id } = deployments.start(c.get('session').userId, zip, options, c.get('deployFault'));
      const deployResult = { id, done: false, status: 'Pending', success: false, checkOnly: options.checkOnly };
      return c.json({ validatedDeployRequestId: null, id, deployResult, deployOptions: options }, 201);
    });
  });

  routes.get('/deployRequest/:id', (c) => {
    const id = c.req.param('id');
    const deployResult = deployments.status(id, c.req.query('includeDetails') === 'true');
    if (!deployResult) {
      return restError(c, 404, { errorCode: 'NOT_FOUND', message: `Provided deploy request ID ${id} does not exist` });
    }
    return c.json({ id: deployResult.id, validatedDeployRequestId: null, deployResult });
  });

  // The one change that a deploy can be asked for is that it stops.
  routes.patch('/deployRequest/:id', (c) => {
    c.set('summary', 'cancel');
    return orRefused(c, () => {
      const { id } = deployments.cancel(c.get('session').userId, c.req.param('id'));
      return c.json({ id, deployResult: deployments.status(id, false) }, 202);
    });
  });

  const deployValidated = async (c: Context<PracticeEnv>): Promise<Response> => {
    const sent = (await c.req.json().catch(() => ({}))) as { validatedDeployRequestId?: unknown };
    c.set('summary', 'quick deploy');
    return orRefused(c, () => {
      const validated = String(sent.validatedDeployRequestId ?? '');
      const { id } = deployments.deployValidated(c.get('session').userId, validated, c.get('deployFault'));
      return c.json({ validatedDeployRequestId: validated, id, deployResult: deployments.status(id, false) }, 201);
    });
  };

  return routes;
};

/** The answer to a deploy, or to what was refused as a whole. */
const orRefused = (c: Context<PracticeEnv>, work: () => Response): Response => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof DeployRefused)) throw error;
    return restError(c, 400, { errorCode: error.code, message: error.message });
  }
};

type SentOptions = Partial<Record<keyof DeployOptions, unknown>>;

/** The JSON part, whatever it is called: clients differ. */
const optionsOf = async (form: FormData | undefined): Promise<SentOptions | undefined> => {
  for (const [name, part] of form ?? []) {
    if (name === 'file') continue;
    const text = typeof part === 'string' ? part : await part.text();
    try {
      const parsed = JSON.parse(text) as { deployOptions?: SentOptions };
      if (parsed.deployOptions) return parsed.deployOptions;
    } catch {
      return undefined;
    }
  }
  return undefined;
};

const deployOptions = (sent: SentOptions): DeployOptions => ({
  allowMissingFiles: sent.allowMissingFiles === true,
  autoUpdatePackage: sent.autoUpdatePackage === true,
  checkOnly: sent.checkOnly === true,
  ignoreWarnings: sent.ignoreWarnings === true,
  performRetrieve: sent.performRetrieve === true,
  purgeOnDelete: sent.purgeOnDelete === true,
  rollbackOnError: sent.rollbackOnError === true,
  runTests: Array.isArray(sent.runTests) ? sent.runTests.map(String) : [],
  singlePackage: sent.singlePackage === true,
  ...(typeof sent.testLevel === 'string' ? { testLevel: sent.testLevel } : {}),
});
