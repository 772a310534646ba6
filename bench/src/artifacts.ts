import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { shellTask, stageOf } from '../../test/src/harness/pipeline-words.ts';
import { startSystem } from '../../test/src/harness/start-system.ts';
import type { TestSystem } from '../../test/src/harness/test-system.ts';
import type { Bench } from './bench.ts';
import { PlainHttp } from './plain-http.ts';
import type { Row } from './report.ts';
import { summarise } from './statistics.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 900_000;

interface Load {
  readonly name: string;
  readonly what: string;
  readonly files: number;
  readonly bytes: number;
  /** Makes `out`. */
  readonly script: string;
}

/** Seconds by way. */
type Times = Map<string, number[]>;

/** How long artifacts take through the real executables, up and down, beside other ways for the same files. */
export const artifacts: Bench = {
  describe:
    'upload and fetch of one large file and of many small ones, beside cp and plain HTTP (--scale 0.05: short)',
  defaultRuns: 3,
  async run(runs, progress, scale = 1) {
    await using system = await startSystem();
    const rows: Row[] = [];
    for (const load of loads(scale)) {
      const times: Times = new Map();
      for (let i = 1; i <= runs; i += 1) {
        progress(`${load.what}, run ${i} of ${runs}`);
        await measure(system, `${load.name}${i}`, load, times);
      }
      for (const [way, seconds] of times) {
        rows.push(row(`${load.what}: ${way}`, 'MB/s', seconds, load.bytes / 1e6));
        if (load.files > 1) rows.push(row(`${load.what}: ${way}`, 'files/s', seconds, load.files));
      }
    }
    return {
      rows,
      notes: [
        'Server, agent and job host are processes of one machine and share its processors and its disk.',
        'upload: from "Start to upload" to "Job completed". Verified by SHA-256 at both ends, MD5 for GoCD, on the disk when it is answered.',
        'fetch: the time of the fetch task. Verified; not synced to the disk. again: nothing has changed.',
        'PUT, GET: four connections to a bare Node server, no checksum, not synced. cp: not synced; cp + sync: sync -f after it.',
      ],
    };
  },
};

function loads(scale: number): Load[] {
  const bytes = Math.round(2e9 * scale);
  const files = Math.max(1, Math.round(20_000 * scale));
  return [
    {
      name: 'large',
      what: `1 file of ${bytes / 1e6} MB`,
      files: 1,
      bytes,
      script: `mkdir -p out && head -c ${bytes} /dev/urandom > out/large`,
    },
    {
      name: 'small',
      what: `${files} files of 10 kB`,
      files,
      bytes: files * 10_000,
      script: `mkdir -p out && cd out && head -c ${files * 10_000} /dev/urandom | split -a 5 -d -b 10000 - f`,
    },
  ];
}

async function measure(system: TestSystem, pipeline: string, load: Load, times: Times): Promise<void> {
  const fetch = { fetch: { stage: 'make', job: 'make', source: 'out', destination: 'got', is_file: false } };
  await system.definePipeline(pipeline, [
    stageOf('make', 'make', [shellTask(load.script)], { job: { artifacts: [{ build: { source: 'out' } }] } }),
    stageOf('use', 'use', [fetch, fetch]),
  ]);
  const counter = await system.trigger(pipeline);
  const consoleOf = async (stage: string) => {
    const { result } = await system.waitForStage(pipeline, counter, stage, { timeoutMs: TIMEOUT_MS });
    const console = await system.console({ pipeline, counter, stage, job: stage });
    if (result !== 'Passed') throw new Error(`The job has ${result}:\n${console}`);
    return console;
  };
  const made = await consoleOf('make');
  note(times, 'upload', secondsOfDay(made, /^ar\|(\S+) .*Start to upload/m, /^ex\|(\S+) /m));
  const used = await consoleOf('use');
  const [first = Number.NaN, again = Number.NaN] = [
    ...used.matchAll(/Task status: passed \((\d+) ms\)/g),
  ].map(([, ms]) => Number(ms) / 1000);
  note(times, 'fetch', first);
  note(times, 'fetch again', again);
  // The checkout of the second job has removed what the first one made; what was fetched is the same.
  await measureOthers(
    join(system.agent.home, 'pipelines', pipeline, 'got', 'out'),
    join(system.folder, 'others'),
    times,
  );
  await rm(join(system.agent.home, 'pipelines', pipeline), { recursive: true });
}

async function measureOthers(source: string, folder: string, times: Times): Promise<void> {
  await mkdir(join(folder, 'server'), { recursive: true });
  {
    await using plain = await PlainHttp.start(join(folder, 'server'));
    await timed(times, 'plain PUT', () => plain.put(source));
    await timed(times, 'plain GET', () => plain.get(source, join(folder, 'got')));
  }
  await run('sync', ['-f', folder]);
  await timed(times, 'cp', () => run('cp', ['-r', source, join(folder, 'copy')]));
  await run('sync', ['-f', folder]);
  await timed(times, 'cp + sync', async () => {
    await run('cp', ['-r', source, join(folder, 'copy2')]);
    await run('sync', ['-f', folder]);
  });
  await rm(folder, { recursive: true });
}

async function timed(times: Times, way: string, work: () => Promise<unknown>): Promise<void> {
  const started = performance.now();
  await work();
  note(times, way, (performance.now() - started) / 1000);
}

function note(times: Times, way: string, seconds: number): void {
  times.set(way, [...(times.get(way) ?? []), seconds]);
}

/** Between the times of day of two lines. */
function secondsOfDay(console: string, from: RegExp, to: RegExp): number {
  const at = (line: RegExp) => {
    const [hours = 0, minutes = 0, seconds = 0] = (line.exec(console)?.[1] ?? '').split(':').map(Number);
    return hours * 3600 + minutes * 60 + seconds;
  };
  return (at(to) - at(from) + 86_400) % 86_400;
}

function row(what: string, unit: string, seconds: readonly number[], amount: number): Row {
  return { what, unit, summary: summarise(seconds.map((s) => amount / s)) };
}
