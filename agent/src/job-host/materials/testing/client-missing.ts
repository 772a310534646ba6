import { execFileSync } from 'node:child_process';
import { TEST_PATH } from '../../testing/test-job.ts';

/** Whether a client is not installed here. Says so in one line, since its tests are then skipped. */
export function isClientMissing(command: string, debianPackage: string): boolean {
  try {
    execFileSync(command, ['--version'], { env: { PATH: TEST_PATH }, stdio: 'ignore' });
    return false;
  } catch {
    process.stderr.write(
      `${command} is not installed: its tests are skipped (apt-get install ${debianPackage})\n`,
    );
    return true;
  }
}
