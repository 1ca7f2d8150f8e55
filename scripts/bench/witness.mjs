/**
 * Loaded into a command by NODE_OPTIONS: writes down, when the command ends, what it took. Plain JavaScript, since it must cost
 * next to nothing, and be loaded by whatever Node the command runs on.
 *
 * ECA_WITNESS names a folder; the report is `<process id>.json` in it: `{ cpuMs, peakMb, files? }`. With
 * ECA_WITNESS_FILES, `files` are the paths of all JavaScript files that were loaded, in their order.
 */
import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const { ECA_WITNESS: folder, ECA_WITNESS_FILES: wantsFiles } = process.env;

// The logger's worker threads load this too.
if (folder && isMainThread) {
  const files = [];
  if (wantsFiles) {
    registerHooks({
      load(url, context, nextLoad) {
        if (url.startsWith('file:')) files.push(decodeURIComponent(new URL(url).pathname));
        return nextLoad(url, context);
      },
    });
  }
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const report = { cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMb: maxRSS / 1024 };
    writeFileSync(`${folder}/${process.pid}.json`, JSON.stringify(wantsFiles ? { ...report, files } : report));
  });
}
