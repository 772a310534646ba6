import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildAssignment } from '@go-agent/protocol';
import { type Clock, isAlive, openContainer, processIdentity } from '@go-agent/runtime/core';
import type { ContainmentChoice } from '../journal/containment-choice.ts';
import type { CancelReason } from '../journal/format.ts';
import { createJobFolder } from '../journal/job-folder.ts';
import { hostJob } from './host-job.ts';

const NOTHING: BuildAssignment = {
  fetchMaterials: false,
  cleanWorkingDirectory: false,
  builders: [
    {
      type: 'CommandBuilderWithArgList',
      command: 'true',
      args: [],
      workingDir: { path: 'work' },
      errorString: '',
      exitCode: -1,
      conditions: [],
      description: 'rehearsal',
    },
  ],
  artifactPlans: [],
  artifactStores: [],
  buildWorkingDirectory: { path: 'work' },
  jobIdentifier: {
    pipelineName: 'rehearsal',
    pipelineCounter: 1,
    pipelineLabel: '1',
    stageName: 'rehearsal',
    stageCounter: '1',
    buildName: 'rehearsal',
    buildId: 0,
  },
  // One secret: with none, nothing would be compiled to mask it.
  initialContext: { properties: [{ name: 'REHEARSAL', value: 'rehearsed', secure: true, secretParams: [] }] },
  materialRevisions: { revisions: [] },
};

export interface RehearseOptions {
  /** The agent's home: the rehearsal has a folder in `data/` there. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly level: ContainmentChoice;
  readonly clock: Clock;
  /** Aborted when the real job is there. */
  readonly signal: AbortSignal;
}

/**
 * Runs a job of nothing in a folder of its own. What a process does slowly the first time (compiling, its first socket, its first child)
 * is done then, and the real job starts in a third of the time. Never rejects: if something is wrong here, the real job will tell.
 */
export async function rehearse(options: RehearseOptions): Promise<void> {
  const { env, level, clock, signal } = options;
  const home = await openStage(join(options.home, 'data')).catch(() => undefined);
  if (home === undefined) return;
  const cancel = new AbortController();
  const onArrival = () => cancel.abort('superseded' satisfies CancelReason);
  signal.addEventListener('abort', onArrival, { once: true });
  try {
    await using container = openContainer({ level, clock });
    const work = { type: 'BuildWork', assignment: NOTHING, consoleLogCharset: 'UTF-8' } as const;
    const agent = { uuid: '', hostName: '', home, serverUrl: '' };
    const folder = createJobFolder(home, {
      version: 1,
      bootId: '',
      buildId: 0,
      work,
      agent,
      hiddenEnvironment: [],
      graceMs: 0,
    });
    // A full disk ends the rehearsal; the real job would wait for room.
    const stalled = Promise.withResolvers<void>();
    const onStall = () => {
      cancel.abort('superseded' satisfies CancelReason);
      stalled.resolve();
    };
    const rehearsed = hostJob({ folder, env, clock, container, bootId: '', cancel, onStall });
    await Promise.race([rehearsed, stalled.promise]);
  } catch {
    // See above.
  } finally {
    signal.removeEventListener('abort', onArrival);
    await rm(home, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** A folder for this process, in place of those whose processes were killed. */
async function openStage(data: string): Promise<string> {
  // Not the home as well: it may have been removed after its agent has ended.
  await mkdir(data).catch(ignoreExisting);
  for (const name of await readdir(data)) {
    const [, pid, startTime] = /^rehearsal-(\d+)-(\d*)$/.exec(name) ?? [];
    if (pid === undefined) continue;
    const owner = { pid: Number(pid), startTime: startTime ? Number(startTime) : null };
    if (!isAlive(owner)) await rm(join(data, name), { recursive: true, force: true });
  }
  const stage = join(data, `rehearsal-${process.pid}-${processIdentity(process.pid)?.startTime ?? ''}`);
  await mkdir(stage, { mode: 0o700 });
  return stage;
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
