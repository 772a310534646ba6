import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildAssignment, Builder, EnvironmentVariable } from '@go-agent/protocol';
import { openContainer, systemClock } from '@go-agent/runtime/core';
import { leftovers, tempDir, waitFor } from '@go-agent/runtime/testing';
import type { CancelReason, JournalEvent, JournalResult } from '../../journal/format.ts';
import { createJobFolder } from '../../journal/job-folder.ts';
import { JournalReader } from '../../journal/journal-reader.ts';
import { sampleAssignment } from '../../journal/testing/sample-assignment.ts';
import { hostJob } from '../host-job.ts';

/** Where shells and git are. */
export const TEST_PATH = '/usr/local/bin:/usr/bin:/bin';
/** Every process that the job starts has it in its environment. */
const TRACE = 'GO_AGENT_TEST_TRACE';

export interface TestJob extends AsyncDisposable {
  readonly home: string;
  readonly folder: string;
  /** Absolute. */
  readonly workingDir: string;
  /** Runs the job to its end. */
  run(): Promise<JournalResult>;
  cancel(reason?: CancelReason): void;
  /** Ends what is being ended without a grace. */
  hurry(): void;
  /** The console so far, without times. */
  console(): Promise<string>;
  rawConsole(): Promise<Buffer>;
  events(): Promise<readonly JournalEvent[]>;
  /** Resolves as soon as the console contains the text. */
  untilConsoleHas(text: string): Promise<void>;
  /** What the job left running. */
  survivors(): string[];
}

export interface TestJobOptions {
  readonly assignment?: Partial<BuildAssignment>;
  readonly env?: NodeJS.ProcessEnv;
  readonly graceMs?: number;
  /** What is to outlive the job, such as caches, is in here. By default a folder that ends with the job. */
  readonly home?: string;
  readonly onCancelMs?: number;
  readonly pluginFolders?: readonly string[];
  readonly hiddenEnvironment?: readonly string[];
  /** `session` does without a control group. */
  readonly level?: 'best' | 'session';
  /** Called while a process of the job is being started: it has been asked for and is not there yet. */
  readonly onSpawn?: () => void;
  /** SIGKILL ends nothing of the job, as where a process waits for a lost file system. */
  readonly isKillVain?: boolean;
}

/** A job in a folder of its own, run by the code of the job host in this process. */
export async function testJob(options: TestJobOptions = {}): Promise<TestJob> {
  const dir = await tempDir();
  const sample = sampleAssignment({ home: options.home ?? dir.path, buildId: 1234 });
  const { hiddenEnvironment = [], graceMs = 1000, onCancelMs = 60_000, pluginFolders = [] } = options;
  const work = { ...sample.work, assignment: { ...sample.work.assignment, ...options.assignment } };
  const job = { ...sample, work, graceMs, onCancelMs, pluginFolders, hiddenEnvironment };
  const folder = createJobFolder(dir.path, job);
  const cancel = new AbortController();
  const hurry = new AbortController();
  const trace = randomUUID();
  const env = { PATH: TEST_PATH, HOME: dir.path, ...options.env, [TRACE]: trace };
  const read = () => readFile(join(folder, 'console.log'));
  const text = async () => (await read()).toString().replaceAll(/^(..\|)\d\d:\d\d:\d\d\.\d{3} /gm, '$1');
  return {
    home: options.home ?? dir.path,
    folder,
    workingDir: join(options.home ?? dir.path, 'pipelines/up42'),
    async run() {
      await using container = openContainer({ level: options.level ?? 'best' });
      const spawn = container.spawn.bind(container);
      container.spawn = (process) => {
        const started = spawn(process);
        options.onSpawn?.();
        return started;
      };
      const { killAll } = container;
      using _ = { [Symbol.dispose]: () => void (container.killAll = killAll) };
      if (options.isKillVain) container.killAll = () => container.list();
      const onStall = (error: unknown) => {
        throw error;
      };
      return await hostJob({
        folder,
        env,
        clock: systemClock,
        container,
        bootId: '',
        cancel,
        hurry,
        onStall,
      });
    },
    cancel: (reason = 'cancelled') => cancel.abort(reason),
    hurry: () => hurry.abort(),
    console: text,
    rawConsole: read,
    events: () => new JournalReader(folder).readEvents(),
    async untilConsoleHas(wanted) {
      await waitFor(async () => (await text()).includes(wanted), { describe: `"${wanted}" on the console` });
    },
    survivors: () => leftovers(trace).map(({ command }) => command),
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

export const killAll: Builder = {
  type: 'BuilderForKillAllChildTask',
  exitCode: -1,
  conditions: [],
  description: 'Kills child processes',
};

/** A task that runs a shell script in the job's working folder. */
export function shell(script: string, fields: Partial<Builder> = {}): Builder {
  return {
    type: 'CommandBuilderWithArgList',
    command: '/bin/sh',
    args: ['-c', script],
    workingDir: { path: 'pipelines/up42' },
    errorString: '',
    exitCode: -1,
    conditions: [],
    description: script,
    cancelBuilder: killAll,
    ...fields,
  } as Builder;
}

export function variable(name: string, value: string, secure = false): EnvironmentVariable {
  return { name, value, secure, secretParams: [] };
}
