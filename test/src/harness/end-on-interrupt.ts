import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leftovers } from '@go-agent/runtime/testing';

const ROUNDS = 5;

/**
 * For a long run from the command line: Ctrl-C, SIGTERM and SIGHUP end all that it started and leave no file behind. To be called before
 * anything is started, since from then on temporary files are in a folder of this run, by whose name its processes are found.
 */
export function endOnInterrupt(): void {
  // Short, for the sake of the Unix sockets below it.
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'gr-'));
  // As the one around it: some jobs run as other users.
  chmodSync(folder, 0o1777);
  process.env['TMPDIR'] = folder;
  // Again if something that is just ending still writes there.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.once(signal, () => {
      console.error(`${signal}: ending what was started ...`);
      // A supervisor starts anew what is ended before it is itself, so once is not enough.
      for (let round = 0; round < ROUNDS; round++) for (const { pid } of leftovers(folder)) kill(pid);
      process.exit(status);
    });
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone in the meantime.
  }
}
