import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { isAlive, type ProcessIdentity } from '../process-identity.ts';
import { shell, startContained } from '../testing/contained-shell.ts';
import { waitFor } from '../testing/wait-for.ts';
import { openCgroupContainer } from './cgroup-container.ts';
import { adoptContainer } from './open-container.ts';

/** This run's own: another one at the same time would end what is in its groups. */
const SCOPE = `scope-of-a-test ${process.pid}`;
const ANOTHER_SCOPE = `another ${SCOPE}`;

const probe = openCgroupContainer('probe', systemClock);
await probe?.[Symbol.asyncDispose]();

function open(scope?: string) {
  const container = openCgroupContainer('marker-of-a-test', systemClock, scope);
  if (!container) throw new Error('no writable cgroup v2');
  return container;
}

/** The group, with one process in it, of a process that was killed after it had run `statements` with its `container`. */
async function leftByDeadOwner(scope: string, statements = '') {
  const module = new URL('./open-container.ts', import.meta.url).href;
  const source = `
    const { openContainer } = await import(${JSON.stringify(module)});
    const container = openContainer({ scope: ${JSON.stringify(scope)} });
    await container.spawn({ command: '/bin/sleep', args: ['300'], cwd: '/', env: {}, stdio: ['ignore', 'ignore', 'ignore'] });
    ${statements}
    console.log(JSON.stringify({ folder: container.folder, leader: container.ref().leaders[0] }));
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(owner.stdout, 'data')) as [Buffer];
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  const left = JSON.parse(line.toString()) as { folder: string; leader: ProcessIdentity };
  expect(isAlive(left.leader)).toBe(true);
  return left;
}

describe.skipIf(!probe)('a container with a control group', () => {
  test('has the child inside before it runs, and this process until it comes to killing', async () => {
    await using container = open();
    const before = await readFile('/proc/self/cgroup', 'utf8');
    const name = basename(container.folder);

    const child = await startContained(container, shell('exec cat /proc/self/cgroup'));
    expect(await text(child.stdout!)).toMatch(new RegExp(`^0::.*/${name}$`, 'm'));
    await child.exited;
    expect(await container.list()).toEqual([]);

    const next = await startContained(container, shell('exec sleep 300'));
    expect(await container.list()).toEqual([next.identity]);
    expect(await container.killAll()).toEqual([]);
    expect(await readFile('/proc/self/cgroup', 'utf8')).toBe(before);
  });

  test('stands beside another one of this process, also while this process is in that', async () => {
    await using first = open();
    const kept = await startContained(first, shell('exec sleep 300'));
    {
      await using second = open();
      await startContained(second, shell('exec sleep 300'));
      expect(dirname(second.folder)).toBe(dirname(first.folder));
    }
    expect(await first.list()).toEqual([kept.identity]);
  });

  test('is removed with the groups that its processes made', async () => {
    const container = open();
    const { folder } = container;
    const child = await startContained(
      container,
      shell(
        `mkdir ${folder}/a ${folder}/a/b && echo $$ > ${folder}/a/b/cgroup.procs && echo in && sleep 300`,
      ),
    );
    await once(child.stdout!, 'data');
    expect(await container.list()).not.toEqual([]);

    await container[Symbol.asyncDispose]();

    expect(existsSync(folder)).toBe(false);
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('is cleaned up by the next one of its scope, and by no other while something runs in it, when its owner was killed', async () => {
    const { folder, leader } = await leftByDeadOwner(SCOPE);
    for (let round = 0; round < 2; round++) await open(ANOTHER_SCOPE)[Symbol.asyncDispose]();
    expect(isAlive(leader)).toBe(true);
    await waitFor(
      async () => {
        await using _next = open(SCOPE);
        return !existsSync(folder);
      },
      { describe: 'the removal of the dead owner’s group' },
    );
    expect(isAlive(leader)).toBe(false);

    const empty = await leftByDeadOwner(SCOPE);
    process.kill(empty.leader.pid, 'SIGKILL');
    await waitFor(async () => {
      await using _ofOthers = open(ANOTHER_SCOPE);
      return !existsSync(empty.folder);
    });
  });

  test('stays when it is kept, until nothing runs in it any more', async () => {
    const { folder, leader } = await leftByDeadOwner(SCOPE, 'container.keep();');
    for (let round = 0; round < 2; round++) await open(SCOPE)[Symbol.asyncDispose]();
    expect(isAlive(leader)).toBe(true);
    process.kill(leader.pid, 'SIGKILL');
    await waitFor(async () => {
      await using _next = open(SCOPE);
      return !existsSync(folder);
    });
  });

  test('is spared by others while its owner lives', async () => {
    await using container = open();
    const child = await startContained(container, shell('exec sleep 300'));
    await using _other = open();

    expect(await container.list()).toEqual([child.identity]);
  });

  test('is empty for whoever adopts it after it has gone', async () => {
    await using adopted = adoptContainer({
      marker: 'm',
      cgroup: '/sys/fs/cgroup/no-such-group',
      leaders: [],
    });
    expect(await adopted.end({ graceMs: 60_000 })).toEqual({ level: 'cgroup', killed: 0, survivors: [] });
  });
});
