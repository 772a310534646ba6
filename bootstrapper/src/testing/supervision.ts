import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '@go-agent/runtime/core';
import { tempDir } from '@go-agent/runtime/testing';
import { type LauncherFailure, TOO_OFTEN } from '../core/pick-launcher.ts';
import { type Supervision, type SupervisorEvent, supervise } from '../core/supervise.ts';
import { fixtureLauncher } from './fixture-launcher.ts';

const WAITS = new Set([1000, 2000, 4000, 8000, 10_000]);

/** Waits between launches are over at once. */
export const quick: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(WAITS.has(ms) ? 0 : ms, signal),
};

/**
 * A supervisor in a home of its own; it carries a launcher whose `main` has this body.
 * @param watchMs of a launcher that is to be given up: whoever comes after that one has all the time that it takes
 */
export async function supervision(body: string, watchMs = 60_000) {
  const folder = await tempDir();
  const home = folder.path;
  const carried = join(home, 'carried.zip');
  const bundle = fixtureLauncher(carried, body);
  await mkdir(join(home, 'data', 'launcher'), { recursive: true });
  const events: SupervisorEvent[] = [];
  const stop = new AbortController();
  const kill = new AbortController();
  const failures = new Map<string, LauncherFailure>();
  const run = (clock: Clock = systemClock, connect?: Supervision['connect']) =>
    supervise(
      {
        request: {
          home,
          serverUrl: 'http://127.0.0.1:1/go',
          settings: { colour: 'blue' },
          runtime: [process.execPath],
          bootstrapperVersion: '1',
          carried: { launcher: carried, agent: carried },
        },
        clock,
        random: () => 0,
        get watchMs() {
          return [...failures.values()].some(({ count }) => count >= TOO_OFTEN) ? 60_000 : watchMs;
        },
        failures,
        report: (event) => void events.push(event),
        ...(connect === undefined ? {} : { connect }),
      },
      stop.signal,
      kill.signal,
    );
  const outcomes = () => events.flatMap((event) => (event.type === 'ended' ? [event.end.code] : []));
  const launchedMd5s = () =>
    events.flatMap((event) => (event.type === 'launching' ? [event.launcher.md5] : []));
  return { folder, home, bundle, events, stop, kill, failures, run, outcomes, launchedMd5s };
}

/** A downloaded launcher that is current, while the carried one, or `lastGood`, is there to go back to. */
export async function downloaded(home: string, carriedMd5: string, body: string, lastGood?: string) {
  const next = fixtureLauncher(join(home, 'next.zip'), body, '2');
  await writeFile(join(home, 'data', 'launcher', `${next.md5}.zip`), await readFile(next.file));
  const launcher = { current: next.md5, carriedMd5, lastGood };
  await writeFile(join(home, 'data', 'state.json'), JSON.stringify({ launcher }));
  return next;
}
