import { Hono } from 'hono';
import { restError } from '../gate.ts';
import type { PracticeEnv } from '../gate.ts';
import { DeployRefused } from '../metadata/deploy.ts';
import type { DeployOptions } from '../metadata/deploy.ts';
import type { Deployments } from '../metadata/deployments.ts';
import type { PracticeOrg } from '../org.ts';
import { mayUseMetadata, NO_METADATA_ACCESS } from '../soap.ts';

/** Deploying over REST: a zip and its options in, the result to be asked for. */
export function metadataRoutes(org: PracticeOrg, deployments: Deployments): Hono<PracticeEnv> {
  const routes = new Hono<PracticeEnv>().basePath('/services/data/:version/metadata');

  routes.use(async (c, next) => {
    if (mayUseMetadata(org, c.get('session').userId)) return next();
    return restError(c, 403, { errorCode: 'INSUFFICIENT_ACCESS', message: NO_METADATA_ACCESS });
  });

  routes.post('/deployRequest', async (c) => {
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
    try {
      const zip = new Uint8Array(await file.arrayBuffer());
      const { id } = deployments.start(c.get('session').userId, zip, options, c.get('deployFault'));
      const deployResult = { id, done: false, status: 'Pending', success: false, checkOnly: options.checkOnly };
      return c.json({ validatedDeployRequestId: null, id, deployResult, deployOptions: options }, 201);
    } catch (error) {
      if (!(error instanceof DeployRefused)) throw error;
      return restError(c, 400, { errorCode: error.code, message: error.message });
    }
  });

  routes.get('/deployRequest/:id', (c) => {
    const id = c.req.param('id');
    const deployResult = deployments.status(id, c.req.query('includeDetails') === 'true');
    if (!deployResult) {
      return restError(c, 404, { errorCode: 'NOT_FOUND', message: `Provided deploy request ID ${id} does not exist` });
    }
    return c.json({ id: deployResult.id, validatedDeployRequestId: null, deployResult });
  });

  // A deploy is over before anyone can cancel it.
  routes.patch('/deployRequest/:id', (c) => {
    const deployResult = deployments.status(c.req.param('id'), false);
    if (!deployResult)
      return restError(c, 404, { errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' });
    return c.json({ id: deployResult.id, deployResult }, 202);
  });

  return routes;
}

type SentOptions = Partial<Record<keyof DeployOptions, unknown>>;

/** The JSON part, whatever it is called: clients differ. */
async function optionsOf(form: FormData | undefined): Promise<SentOptions | undefined> {
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
}

function deployOptions(sent: SentOptions): DeployOptions {
  return {
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
  };
}
