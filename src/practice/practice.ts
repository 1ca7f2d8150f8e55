/** The practice org's door: what commands and tests may use of it. */
export { BadConnectedApp } from './connectedAppFile.ts';
export { BadFaults, readFaults } from './faults.ts';
export type { Fault } from './faults.ts';
export { PracticeProblem, runningPracticeOrg, startPracticeOrg, stopPracticeOrg } from './runningOrgs.ts';
export type { PracticeHandle, RunningOrg } from './runningOrgs.ts';
export type { PracticeServer, PracticeServerOptions } from './server.ts';
export { chosenVariants, UnknownVariant } from './variants.ts';
import type { ConnectedAppFile } from './connectedAppFile.ts';
import type { PracticeServer, PracticeServerOptions } from './server.ts';

/**
 * Starts a practice org inside this process, for tests. The server is loaded here and not above. The commands only
 * start and stop the server, and need not load it.
 */
export const createPracticeServer = async (options: PracticeServerOptions = {}): Promise<PracticeServer> => {
  const server = await import('./server.ts');
  return server.createPracticeServer(options);
};

/** Reads the file of a Connected App and checks it. Throws BadConnectedApp. */
export const readConnectedAppFile = async (path: string): Promise<ConnectedAppFile> => {
  // Loaded here: it needs the XML parser, which no other command needs.
  const files = await import('./connectedApps.ts');
  return files.readConnectedAppFile(path);
};
