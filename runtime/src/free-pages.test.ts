import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Gives its pages back twice, each time from another thread, and works before, between and after. */
const PROGRAM = `
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync, gunzipSync } from 'node:zlib';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { freePages } from ${JSON.stringify(import.meta.resolve('./free-pages.ts'))};

const inFile = () => Number(/^RssFile:\\s+(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
async function work() {
  const text = JSON.stringify(Array.from({ length: 10_000 }, (_, i) => ({ i, name: 'n'.repeat(i % 50) })));
  const back = gunzipSync(gzipSync(text)).toString();
  const child = execFileSync(process.execPath, ['-p', '6 * 7'], { encoding: 'utf8' }).trim();
  return [createHash('sha256').update(back).digest('hex'), child, new Intl.NumberFormat('de').format(1234.5)].join();
}
const before = await work();
const full = inFile();
const reasons = [freePages()];
const dropped = inFile();
const between = await work();
const worker = new Worker(
  \`import { parentPort } from 'node:worker_threads';
   import { freePages } from ${JSON.stringify(import.meta.resolve('./free-pages.ts'))};
   parentPort.postMessage(freePages());\`,
  { eval: true },
);
const exited = once(worker, 'exit');
reasons.push((await once(worker, 'message'))[0]);
await exited;
const after = await work();
console.log(JSON.stringify({ reasons, isSame: before === between && between === after, full, dropped }));
`;

const isGlibc =
  process.platform === 'linux' &&
  (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header.glibcVersionRuntime !==
    undefined;

test.runIf(isGlibc)(
  'a process gives back the pages of its program, says nothing of it, and goes on as before, also the second time and from a thread',
  async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      PROGRAM,
    ]);
    const { reasons, isSame, full, dropped } = JSON.parse(stdout) as {
      readonly reasons: readonly (string | null)[];
      readonly isSame: boolean;
      readonly full: number;
      readonly dropped: number;
    };
    expect({ reasons, isSame, stderr }).toEqual({ reasons: [null, null], isSame: true, stderr: '' });
    expect(dropped).toBeLessThan(full / 2);
  },
);

test('where Node has no way to call the system, that is told to who asked, and to nobody else', async () => {
  const program = `
    import { freePages } from ${JSON.stringify(import.meta.resolve('./free-pages.ts'))};
    console.log(typeof freePages());`;
  const args = ['--no-experimental-ffi', '--input-type=module', '-e', program];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
  expect({ stdout, stderr }).toEqual({ stdout: 'string\n', stderr: '' });
});
