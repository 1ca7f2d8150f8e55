import { spawn } from 'node:child_process';

/** The program of each system that opens an address in the user's browser, and its words before the address. */
const OPENERS: Partial<Record<NodeJS.Platform, [program: string, ...args: string[]]>> = {
  darwin: ['open'],
  // Not `start`: a shell would read the address' & as its own.
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** A program that has not failed by then has a browser. Some go on for as long as it is open. */
const FAILS_WITHIN = 2000;

/** The program that BROWSER names, as xdg-open and others take it, or the system's. */
const openerOf = (env: NodeJS.ProcessEnv): readonly [program: string, ...args: string[]] =>
  env.BROWSER ? [env.BROWSER] : (OPENERS[process.platform] ?? ['xdg-open']);

/**
 * Opens an http or https address in the user's browser, or with the program that the environment variable BROWSER names. The address must hold no secret: others on the machine can see it.
 *
 * @returns false where there is no browser, as on a server
 */
export const openInBrowser = async (url: string): Promise<boolean> => {
  if (!/^https?:$/.test(new URL(url).protocol)) throw new Error('Only web addresses are opened in a browser.');
  const [program, ...args] = openerOf(process.env);
  return new Promise((resolve) => {
    const child = spawn(program, [...args, url], { detached: true, stdio: 'ignore' });
    const timer = setTimeout(() => resolve(true), FAILS_WITHIN);
    const end = (opened: boolean): void => {
      clearTimeout(timer);
      resolve(opened);
    };
    child.once('error', () => end(false));
    child.once('exit', (code) => end(code === 0));
    child.unref();
  });
};
