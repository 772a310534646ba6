import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { exitNumber } from '../exit-status.ts';
import { isAlive, readProcessStat } from '../process-identity.ts';
import { shell, startContained } from '../testing/contained-shell.ts';
import { type TreeKind, treeKinds } from '../testing/process-trees.ts';
import { waitFor } from '../testing/wait-for.ts';
import { adoptContainer, openContainer } from './open-container.ts';
import { type ContainedProcess, MARKER_VARIABLE, type ProcessContainer } from './process-container.ts';

/** Starts a tree and returns when it stands. */
async function startTree(
  container: ProcessContainer,
  { script, staysInFront }: TreeKind,
): Promise<ContainedProcess> {
  const child = await startContained(container, shell(script));
  await once(child.stdout!, 'data');
  child.stdout!.resume();
  if (!staysInFront) await child.exited;
  return child;
}

const probe = openContainer();
await probe[Symbol.asyncDispose]();
const hasCgroup = probe.level === 'cgroup';

test.skipIf(!hasCgroup)(
  'there is a writable cgroup v2 here; without one, all tests of the level cgroup are left out',
  () => {
    expect(probe.level).toBe('cgroup');
  },
);

describe.each(hasCgroup ? (['best', 'session'] as const) : (['session'] as const))(
  'container of level %s',
  (level) => {
    test.each(treeKinds.filter(({ evasive }) => level === 'best' || !evasive))(
      'ends $name and leaves nothing',
      async (kind) => {
        await using container = openContainer({ level });
        await startTree(container, kind);
        const before = await waitFor(async () => {
          const running = await container.list();
          return running.length > 0 && running;
        });

        const report = await container.end({ graceMs: 300 });

        expect(report).toMatchObject({ level: container.level, survivors: [] });
        expect(before.filter(isAlive)).toEqual([]);
        expect(await container.list()).toEqual([]);
      },
    );

    test('two processes that are started at the same time have pipes of their own, also if some were prepared', async () => {
      await using container = openContainer({ level });
      container.prepare();
      const scripts = ['echo one', 'echo two'];
      const both = await Promise.all(scripts.map((script) => startContained(container, shell(script))));
      expect(await Promise.all(both.map(({ stdout }) => text(stdout!)))).toEqual(['one\n', 'two\n']);
    });

    test('does not count what it prepares for the next process', async () => {
      await using container = openContainer({ level });
      for (let turn = 0; turn < 5; turn++) {
        const child = await startContained(container, shell('true'));
        container.prepare();
        await child.exited;
        expect(await container.list()).toEqual([]);
      }
    });

    test('gives a process the grace to end by itself, and kills nothing then', async () => {
      await using container = openContainer({ level });
      const child = await startContained(
        container,
        shell(`trap 'sleep 0.2; echo bye; exit 3' TERM; echo hi; while :; do sleep 0.05; done`),
      );
      const output = text(child.stdout!);
      await waitFor(async () => (await container.list()).length > 0);
      // The shell must have reached its loop: sleep is its child.
      await waitFor(async () => (await container.list()).length > 1);

      const report = await container.end({ graceMs: 20_000 });

      expect(report.killed).toBe(0);
      expect(await child.exited).toEqual({ code: 3, signal: null });
      expect(await output).toBe('hi\nbye\n');
    });

    test('tells each process of the end once, even one that is stopped', async () => {
      await using container = openContainer({ level });
      const child = await startContained(
        container,
        shell(
          `trap 'echo told' TERM; trap 'exit 0' USR1; echo ready; kill -STOP $$; while :; do sleep 0.02; done`,
        ),
      );
      const told: string[] = [];
      child.stdout!.setEncoding('utf8').on('data', (chunk: string) => told.push(chunk));
      await waitFor(() => told.join('').includes('ready'));
      // It says so before it stops itself; what came in between would be no news to one that is stopped.
      await waitFor(() => readProcessStat(child.pid)?.state === 'T');

      await container.signalAll('SIGTERM');
      await waitFor(() => told.join('').includes('told'));
      await container.signalAll('SIGUSR1');
      await child.exited;

      expect(told.join('')).toBe('ready\ntold\n');
    });

    test('ends the grace when it is told to hurry', async () => {
      await using container = openContainer({ level });
      const child = await startContained(
        container,
        shell(`trap '' TERM; echo ready; while :; do sleep 300; done`),
      );
      await once(child.stdout!, 'data');
      const hurry = new AbortController();
      const startedAt = systemClock.monotonic();

      const ending = container.end({ graceMs: 60_000, hurry: hurry.signal });
      hurry.abort();

      expect((await ending).survivors).toEqual([]);
      expect(systemClock.monotonic() - startedAt).toBeLessThan(20_000);
      expect(exitNumber(await child.exited)).toBe(137);
    });

    test('tells the exit of the child apart from the end of its output, which a background process may hold', async () => {
      await using container = openContainer({ level });
      const child = await startContained(container, shell('sleep 300 & exit 7'));
      let ended = false;
      void child.outputEnded.then(() => {
        ended = true;
      });
      child.stdout!.resume();

      expect(await child.exited).toEqual({ code: 7, signal: null });
      expect(ended).toBe(false);
      await container.killAll();
      await child.outputEnded;
    });

    test('runs several processes one after the other and ends what each left behind', async () => {
      await using container = openContainer({ level });
      for (let task = 0; task < 3; task++) {
        const child = await startContained(container, shell('sleep 300 >/dev/null 2>&1 &'));
        await child.exited;
      }

      expect(await container.list()).toHaveLength(3);
      expect(container.ref().leaders).toHaveLength(3);
      expect(await container.killAll()).toEqual([]);
    });

    test('can be ended by another process that knows no more than its reference', async () => {
      await using container = openContainer({ level });
      const child = await startContained(container, shell('setsid sleep 300 & sleep 300'));
      await waitFor(async () => (await container.list()).length > 2);
      const ref = JSON.parse(JSON.stringify(container.ref())) as ReturnType<ProcessContainer['ref']>;

      await using adopted = adoptContainer(ref);

      expect(await adopted.list()).toHaveLength(3);
      expect(await adopted.end({ graceMs: 5000 })).toMatchObject({ survivors: [] });
      expect(await child.exited).toEqual({ code: null, signal: 'SIGTERM' });
    });

    test('gives the child pipes that it may open again, prepared or not', async () => {
      await using container = openContainer({ level });
      for (const prepared of [false, true]) {
        if (prepared) container.prepare();
        const child = await startContained(
          container,
          shell('echo out | tee /dev/stderr; echo again > /dev/stdout'),
        );
        expect(await Promise.all([text(child.stdout!), text(child.stderr!)])).toEqual([
          'out\nagain\n',
          'out\n',
        ]);
        await child.outputEnded;
      }
    });

    test('passes exactly the given environment, odd names too, and its marker', async () => {
      await using container = openContainer({ level });
      const env = { 'a.b': '1', 'dash-ed': 'x=y', LINES: 'one\ntwo' };
      const child = await startContained(container, { command: '/usr/bin/env', args: ['-0'], cwd: '/', env });

      const lines = (await text(child.stdout!)).split('\0').filter(Boolean);

      const marker = container.ref().marker;
      expect(new Set(lines)).toEqual(
        new Set(['LINES=one\ntwo', `${MARKER_VARIABLE}=${marker}`, 'a.b=1', 'dash-ed=x=y']),
      );
    });

    test('keeps the marker of a container that it is itself part of', async () => {
      await using container = openContainer({ level });
      const child = await startContained(
        container,
        shell(`echo $${MARKER_VARIABLE}`, { env: { [MARKER_VARIABLE]: 'outer' } }),
      );

      expect(await text(child.stdout!)).toBe(`outer:${container.ref().marker}\n`);
    });

    test('leaves no file descriptor open', async () => {
      const count = async () => (await readdir('/proc/self/fd')).length;
      const before = await count();
      for (const command of ['/bin/true', '/no/such/command']) {
        await using container = openContainer({ level });
        const result = await container.spawn(shell('', { command }));
        if (result.ok) {
          result.process.stdout!.resume();
          result.process.stderr!.resume();
          await result.process.outputEnded;
        }
        container.prepare();
      }
      // What earlier tests used may still be closed in the meantime, so there may be fewer.
      await waitFor(async () => (await count()) <= before, { describe: 'the descriptors to be closed' });
    });

    test('ends what is left when it is disposed of', async () => {
      let child: ContainedProcess;
      {
        await using container = openContainer({ level });
        child = await startContained(container, shell('sleep 300'));
      }
      expect(isAlive(child.identity)).toBe(false);
      expect(exitNumber(await child.exited)).toBe(137);
    });
  },
);
