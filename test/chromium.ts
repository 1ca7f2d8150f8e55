import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type BrowserContext, chromium } from 'playwright-core';

/** Where systems keep the browser; CHROMIUM names another place. */
const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const program = PLACES.find((place) => place !== undefined && existsSync(place));

/** The name of the suites that need the browser, where there is none. So a run says why it left them out. */
export const withChromium = (what: string): string =>
  program
    ? what
    : `${what} (left out: no Chromium here; install the package "chromium" or name the program in CHROMIUM)`;

export const hasChromium = program !== undefined;

export type HeadlessBrowser = { context: BrowserContext; close: () => Promise<void> };

/** A browser of its own, with nothing remembered, that asks the world outside for nothing. */
export const openChromium = async (): Promise<HeadlessBrowser> => {
  const profile = await mkdtemp(join(tmpdir(), 'sf-plugin-eca-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: program,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return {
    context,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
};
