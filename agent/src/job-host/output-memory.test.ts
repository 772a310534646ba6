import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { jsonLine } from '../journal/json-lines.ts';
import { shell, testJob, variable } from './testing/test-job.ts';

/** What the host has for itself alone, as a task sees it. */
const LOOK = 'grep RssAnon /proc/$PPID/status';
const KIB = /RssAnon:\s+(\d+) kB/g;

/** MiB by which the memory of a job host is more after a task has printed 96 MiB. */
async function growth(print: string): Promise<number> {
  const properties = [variable('TOKEN', 'correct-horse-battery-staple', true)];
  const builders = [shell(`${LOOK}; ${print} | head -c 96M; echo; ${LOOK}`)];
  await using job = await testJob({ assignment: { builders, initialContext: { properties } } });
  const program = `import(${JSON.stringify(import.meta.resolve('./main.ts'))}).then((host) => host.main())`;
  const host = spawn(process.execPath, ['-e', program], {
    cwd: job.home,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  host.stdin.end(jsonLine({ journal: job.folder }));
  await once(host, 'exit');
  const console = await job.rawConsole();
  const ends = [console.subarray(0, 4096), console.subarray(-4096)].join();
  const [before = Number.NaN, after = Number.NaN] = [...ends.matchAll(KIB)].map(([, kib]) => Number(kib));
  return (after - before) / 1024;
}

// Buffers that wait to be collected, and young objects that V8 makes room for, were 90 to 120.
test.runIf(process.platform === 'linux').for([
  ['short lines', 'yes 123456789'],
  ['a secret in each line', `yes "all work and $TOKEN no play ${'all work and no play '.repeat(6)}"`],
] as const)('a job host takes little more memory however much a task prints: %s', async ([, print]) => {
  expect(await growth(print)).toBeLessThan(40);
});
