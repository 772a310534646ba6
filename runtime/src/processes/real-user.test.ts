import { execFile } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { tempDir } from '../testing/temp-dir.ts';
import { asRealUser } from './real-user.ts';

test('a step as the real user is just that step where the two users are one', () => {
  expect(asRealUser(() => process.geteuid?.())).toBe(process.geteuid?.());
});

// Skipped where the tests do not run as root: only root may work as another user.
test.runIf(process.getuid?.() === 0)(
  'a process that works as another user sees what that user sees, and its steps as the real one see all',
  async () => {
    await using dir = await tempDir();
    const file = join(dir.path, 'closed');
    await writeFile(file, 'content');
    await chmod(file, 0o600);
    const program = `
      import { readFileSync } from 'node:fs';
      import { readFile } from 'node:fs/promises';
      import { execFileSync } from 'node:child_process';
      import { asRealUser, workAs } from ${JSON.stringify(import.meta.resolve('./real-user.ts'))};
      const attempt = (step) => { try { return step(); } catch (error) { return error.code; } };
      const read = () => readFileSync(${JSON.stringify(file)}, 'utf8');
      workAs({ uid: 65534, gid: 65534 });
      const started = asRealUser(() => execFileSync('id', ['-ru'], { uid: 65534, gid: 65534, encoding: 'utf8' }));
      console.log(JSON.stringify([
        attempt(read),
        asRealUser(read),
        attempt(() => asRealUser(() => { throw Object.assign(new Error(), { code: 'thrown' }); })),
        attempt(read),
        await readFile(${JSON.stringify(file)}, 'utf8').catch((error) => error.code),
        started.trim(),
      ]));`;
    const args = ['--input-type=module', '-e', program];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(JSON.parse(stdout)).toEqual(['EACCES', 'content', 'thrown', 'EACCES', 'EACCES', '65534']);
  },
);
