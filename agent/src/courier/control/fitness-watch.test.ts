import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createLogger } from '@go-agent/runtime';
import { FakeClock, tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { diskSpace } from '../identity/machine.ts';
import { AskingGate } from './asking-gate.ts';
import { ClockWatch } from './clock-watch.ts';
import { FitnessWatch } from './fitness-watch.ts';

async function watched(home: string, diskLimitBytes = 0) {
  const clock = new FakeClock();
  const gate = new AskingGate({ onChange: () => undefined });
  const file = join(home, 'log');
  const log = createLogger({ file, name: 'test' });
  const clockWatch = new ClockWatch(clock);
  const seen: number[] = [];
  const watch = new FitnessWatch({
    home,
    gate,
    clockWatch,
    diskSpace,
    diskLimitBytes: () => diskLimitBytes,
    onFreeBytes: (freeBytes) => seen.push(freeBytes),
    clock,
    log,
  });
  await watch.look();
  return { clock, gate, watch, seen, log: () => readFile(file, 'utf8') };
}

test('within 5 s of a fault the gate is closed, with one line in the log, and opens by itself', async () => {
  await using home = await tempDir();
  const { clock, gate, watch, log } = await watched(home.path);
  const stop = new AbortController();
  const running = watch.run(stop.signal);
  const { closed } = gate;
  clock.setNow(clock.now() - 3_600_000);
  await clock.untilSleeping();
  await clock.advance(4999);
  await clock.untilSleeping();
  expect(closed.aborted).toBe(true);
  expect(gate.reason).toContain('set back by 3600 s');
  clock.setNow(clock.now() + 3_600_000);
  await clock.advance(5000);
  await clock.untilSleeping();
  expect(gate.closed.aborted).toBe(false);
  stop.abort();
  await running;
  const lines = (await log()).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
    'No work is asked for: The clock of this machine was set back by 3600 s',
    'The clock can be relied upon again; work is asked for',
  ]);
});

test('a disk without room closes the gate and says what to do', async () => {
  await using home = await tempDir();
  const { gate, watch, seen } = await watched(home.path, Number.MAX_SAFE_INTEGER);
  expect(gate.reason).toContain('Free some space, or lower the setting disk-limit');
  expect(watch.lackingBytes).toBeGreaterThan(0);
  expect(seen).toEqual([watch.space?.freeBytes]);
});

test.runIf(process.getuid?.() !== 0)('a home folder that may not be written closes the gate', async () => {
  await using home = await tempDir();
  const { gate, watch } = await watched(home.path);
  await chmod(home.path, 0o500);
  await watch.look();
  expect(gate.reason).toContain('cannot be written (EACCES)');
  await chmod(home.path, 0o700);
  await watch.look();
  expect(gate.reason).toBeUndefined();
});

test('a home folder that is gone closes the gate, has no room, and is not made anew', async () => {
  await using home = await tempDir();
  const { gate, watch, seen } = await watched(home.path);
  await promisify(execFile)('rm', ['-rf', home.path]);
  await watch.look();
  expect(gate.reason).toContain('cannot be written (ENOENT)');
  expect(seen.at(-1)).toBe(0);
  expect(existsSync(join(home.path, 'pipelines'))).toBe(false);
});
