import { resolve } from 'node:path';
import { ConsoleTag } from '@go-agent/protocol';
import { type Clock, type ProcessContainer, processIdentity } from '@go-agent/runtime/core';
import {
  type Assignment,
  type CancelReason,
  JOURNAL,
  type JobStarted,
  type JournalResult,
} from '../journal/format.ts';
import { readAssignment } from '../journal/job-folder.ts';
import { JournalWriter } from '../journal/journal-writer.ts';
import { socketAddress } from '../journal/socket-address.ts';
import { CompiledSecrets, NO_SECRETS } from '../masking/compiled-secrets.ts';
import { watchSilence } from './cancel/watch-silence.ts';
import { ConsoleSink } from './console/console-sink.ts';
import { JobConsole } from './console/job-console.ts';
import { type ControlSocket, openControlSocket } from './control-socket.ts';
import { inheritedEnvironment } from './environment/job-environment.ts';
import { EventRecorder } from './event-recorder.ts';
import { jobSecrets } from './job-secrets.ts';
import { relayOverSocket } from './relay.ts';
import { runJob } from './run-job.ts';
import { ProcessRunner } from './tasks/process-runner.ts';
import { containedAsUser } from './user/contained-as-user.ts';
import { enterJobUser } from './user/enter-job-user.ts';
import { userEnvironment } from './user/user-environment.ts';

export interface HostJob {
  /** Absolute path of the job's folder. */
  readonly folder: string;
  /** The environment of this process. */
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly container: ProcessContainer;
  /** See boot-id.ts. */
  readonly bootId: string;
  /** Aborted with a CancelReason. The courier's word, over host.sock, comes to the same. */
  readonly cancel: AbortController;
  /** Aborted: no grace any more for what is being ended. The courier may say so too. */
  readonly hurry?: AbortController;
  /** The disk does not take the journal; what is to be written is kept and tried again. */
  readonly onStall: (error: unknown) => void;
}

/** Opens the journal of a job, runs the job, and leaves a journal with its last event. */
export async function hostJob({
  folder,
  env,
  clock,
  container,
  bootId,
  cancel,
  hurry = new AbortController(),
  onStall,
}: HostJob): Promise<JournalResult> {
  await using resources = new AsyncDisposableStack();
  const assignment = readAssignment(folder);
  // The journal is begun before anybody can listen.
  const listener: { control?: ControlSocket; note?: string; console?: JobConsole } = {};
  const journal = resources.use(
    JournalWriter.begin(
      { folder, clock, onProgress: (progress) => listener.control?.tell(progress) },
      jobStarted(container, bootId),
    ),
  );
  const sink = new ConsoleSink({ append: (bytes) => journal.appendConsole(bytes), clock, onStall });
  const events = new EventRecorder({ journal, sink, clock, onStall });
  const onCancel = (reason: CancelReason, force: boolean, note?: string) => {
    if (note !== undefined && !cancel.signal.aborted) {
      // The courier may be quicker than the console.
      listener.note = note;
      listener.console?.line(ConsoleTag.notice, `[go] ${note}`);
    }
    cancel.abort(reason);
    if (force) hurry.abort();
  };
  listener.control = resources.use(
    await openControlSocket({ folder, progress: () => journal.progress, onCancel }),
  );
  const relayAddress = resources.use(await socketAddress(folder, JOURNAL.relaySocket));
  const workingDir = workingDirOf(assignment);
  const { runAs, agent, buildId } = assignment;
  const scratch = runAs && (await enterJobUser(runAs, { home: agent.home, workingDir, buildId }));
  const contained = runAs ? containedAsUser(container, runAs) : container;
  const inherited = inheritedEnvironment(env, assignment.hiddenEnvironment);
  const secrets = [...jobSecrets(assignment.work.assignment)];
  const compiled = secrets.length === 0 ? NO_SECRETS : new CompiledSecrets(secrets);
  const console = new JobConsole({ sink, clock, secrets: compiled });
  listener.console = console;
  if (listener.note !== undefined) console.line(ConsoleTag.notice, `[go] ${listener.note}`);
  const ended = new AbortController();
  const partialLines = console.showPartialLines(ended.signal);
  resources.defer(() => {
    ended.abort();
    return partialLines;
  });
  return await runJob(
    {
      assignment,
      folder: scratch ?? folder,
      workingDir,
      inherited: runAs ? userEnvironment(inherited, runAs) : inherited,
      console,
      clock,
      container: contained,
      processes: new ProcessRunner(contained, console, clock),
      relay: resources.use(relayOverSocket(relayAddress.path, clock)),
      cancelled: cancel.signal,
      hurry: hurry.signal,
      watchSilence: () =>
        watchSilence({ limitMs: assignment.work.assignment.jobTimeoutMs, console, clock, cancel }),
    },
    events,
  );
}

function jobStarted(container: ProcessContainer, bootId: string): JobStarted {
  return {
    type: 'started',
    host: processIdentity(process.pid) ?? { pid: process.pid, startTime: null },
    bootId,
    containment: container.level,
    container: container.ref(),
  };
}

function workingDirOf({ agent, work }: Assignment): string {
  return resolve(agent.home, work.assignment.buildWorkingDirectory.path);
}
