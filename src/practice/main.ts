/**
 * The background process of a practice org. The options come over the channel to the parent process, and the login goes
 * back over the same channel. So neither is ever among the arguments.
 */
import type { Ready, StartOptions } from './runningOrgs.ts';
import { createPracticeServer } from './server.ts';

class BlockedPort extends Error {}

// No process is left that could send options.
const orphaned = (): void => process.exit(1);
process.once('disconnect', orphaned);

process.once('message', (options: StartOptions) => {
  void start(options);
});

const start = async (options: StartOptions): Promise<void> => {
  try {
    const practice = await createPracticeServer(options);
    if (await isBlocked(practice.url)) throw new BlockedPort('Web browsers and HTTP clients block this port.');
    process.once('SIGTERM', () => void practice.close().then(() => process.exit(0)));
    const { admin, integrationUser } = practice.org.seeded;
    const ready: Ready = {
      pid: process.pid,
      port: practice.port,
      orgId: practice.org.orgId,
      instanceUrl: practice.url,
      username: String(admin.Username),
      integrationUsername: String(integrationUser.Username),
      accessToken: practice.accessToken,
    };
    process.off('disconnect', orphaned);
    process.send?.(ready);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const portInUse = code === 'EADDRINUSE' || code === 'EACCES' || error instanceof BlockedPort;
    process.send?.({ problem: message, portInUse }, () => process.exit(1));
  }
};

/** Does fetch refuse the port of this address (https://fetch.spec.whatwg.org/#port-blocking)? Then no client reaches the org. */
const isBlocked = async (url: string): Promise<boolean> =>
  fetch(url).then(
    () => false,
    ({ cause }: { cause?: Error }) => cause?.message === 'bad port',
  );
