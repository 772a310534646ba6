import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SCRIPT = join(import.meta.dirname, 'start.ts');

test('an option that npm start does not know is one clear line, then the usage, and exit status 2', () => {
  const done = spawnSync(process.execPath, [SCRIPT, '--port', '1'], { encoding: 'utf8' });
  expect(done.status).toBe(2);
  expect(done.stderr).toMatch(/^Unknown option '--port'\n\nStarts go-server/);
  expect(done.stderr).toContain('GO_SERVER_PORT');
  expect(execFileSync(process.execPath, [SCRIPT, '-h'], { encoding: 'utf8' })).toContain('Usage: npm start');
});
