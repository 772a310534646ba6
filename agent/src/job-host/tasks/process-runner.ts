import type { Readable, Writable } from 'node:stream';
import type { ConsoleTag } from '@go-agent/protocol';
import {
  type Clock,
  type ContainedProcess,
  type ExitStatus,
  exitNumber,
  type ProcessContainer,
  type ProcessIdentity,
  type SpawnFailureReason,
} from '@go-agent/runtime/core';
import type { JobConsole } from '../console/job-console.ts';
import type { Environment } from '../environment/job-environment.ts';
import { holdYoungHeap } from './hold-young-heap.ts';
import { CAPTURE_QUIET_MS, OutputPump, type OutputTarget } from './output-pump.ts';

export interface ProcessSpec {
  readonly command: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Environment;
  readonly stdout: ConsoleTag;
  readonly stderr: ConsoleTag;
  /** Stands before each line of standard error, as `STDERR: ` does. */
  readonly stderrPrefix?: string;
  /** Called for each of both streams: gives what sees its raw output. */
  readonly watchStream?: () => (chunk: Buffer) => void;
  /** Sees the raw standard output, which then does not go to the console. */
  readonly capture?: (chunk: Buffer) => void;
  /** Stands between standard error and the console. */
  readonly reshapeStderr?: (console: OutputTarget) => OutputTarget;
  /** What the process reads from its standard input; nothing by default. May hold secrets. */
  readonly input?: string;
  /** Speaks with the process over its standard input and output, which then does not go to the console. Never rejects. */
  readonly talk?: (conversation: ProcessConversation) => Promise<void>;
  /** Once aborted, nothing is started any more. Ending what runs is the cancellation's. */
  readonly signal: AbortSignal;
}

export interface ProcessConversation {
  readonly process: ProcessIdentity;
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Settles when the process has exited, or is given up; a child of it may hold the pipes still. */
  readonly exited: Promise<unknown>;
}

export type ProcessOutcome =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'not-started'; readonly reason: SpawnFailureReason; readonly message: string }
  | { readonly kind: 'cancelled' };

/** Runs processes of the job, one after the other or several at once, with their output on the console. */
export class ProcessRunner {
  readonly #container: ProcessContainer;
  readonly #console: JobConsole;
  readonly #clock: Clock;
  /** Pipes that a background child still holds. */
  readonly #held = new Set<OutputPump>();
  /** By pid of each process that is waited for: ends that. */
  readonly #waits = new Map<number, () => void>();

  constructor(container: ProcessContainer, console: JobConsole, clock: Clock) {
    this.#container = container;
    this.#console = console;
    this.#clock = clock;
  }

  /** Resolves when the process has exited, or is given up, and its own output is on the console. */
  async run(spec: ProcessSpec): Promise<ProcessOutcome> {
    const { command, args, cwd, env, signal } = spec;
    if (signal.aborted) return { kind: 'cancelled' };
    const stdio = spec.input === undefined && !spec.talk ? {} : { stdio: ['pipe', 'pipe', 'pipe'] as const };
    const spawned = await this.#container.spawn({ command, args, cwd, env, signal, ...stdio });
    if (!spawned.ok && spawned.reason === 'cancelled') return { kind: 'cancelled' };
    if (!spawned.ok) return { kind: 'not-started', reason: spawned.reason, message: spawned.message };
    // For the next process, while this one runs.
    this.#container.prepare();
    using _heap = holdYoungHeap();
    const exited = this.#untilGone(spawned.process);
    const talked = converseWith(spawned.process, spec, exited);
    const pumps = this.#connect(spawned.process, spec);
    const status = await exited;
    await talked;
    await Promise.all(pumps.map((pump) => this.#drain(pump, spec.capture && CAPTURE_QUIET_MS)));
    return status ? { kind: 'exited', exitCode: exitNumber(status) } : { kind: 'cancelled' };
  }

  /** Waits no longer for those of the processes that are waited for. */
  giveUp(processes: readonly ProcessIdentity[]): void {
    for (const { pid } of processes) this.#waits.get(pid)?.();
  }

  /** Gives up the pipes that are still held. Call it when no process of the job is left, or all that are left may go on. */
  async closeOutput(): Promise<void> {
    await Promise.all([...this.#held].map((pump) => this.#drain(pump)));
    await Promise.all([...this.#held].map((pump) => pump.close()));
  }

  /** Undefined: given up. */
  async #untilGone({ pid, exited }: ContainedProcess): Promise<ExitStatus | undefined> {
    const givenUp = Promise.withResolvers<undefined>();
    this.#waits.set(pid, () => givenUp.resolve(undefined));
    try {
      return await Promise.race([exited, givenUp.promise]);
    } finally {
      this.#waits.delete(pid);
    }
  }

  #connect({ stdout, stderr }: ContainedProcess, spec: ProcessSpec): OutputPump[] {
    const pumps: OutputPump[] = [];
    if (stdout && spec.capture) pumps.push(this.#capture(stdout, spec.capture));
    else if (stdout && !spec.talk) pumps.push(this.#pump(stdout, spec, spec.stdout));
    if (stderr) pumps.push(this.#pump(stderr, spec, spec.stderr, spec.stderrPrefix));
    return pumps;
  }

  #pump(source: Readable, spec: ProcessSpec, tag: ConsoleTag, prefix?: string): OutputPump {
    const stream = this.#console.stream(tag, prefix);
    const target = (tag === spec.stderr && spec.reshapeStderr?.(stream)) || stream;
    return new OutputPump(source, target, this.#console.sink, spec.watchStream?.());
  }

  #capture(source: Readable, write: (chunk: Buffer) => void): OutputPump {
    const keep = (chunk: Buffer) => write(Buffer.from(chunk));
    return new OutputPump(source, { write: keep, showNow: nothing, end: nothing }, this.#console.sink);
  }

  async #drain(pump: OutputPump, quietMs?: number): Promise<void> {
    if (await pump.drained(this.#clock, quietMs)) this.#held.delete(pump);
    else this.#held.add(pump);
  }
}

function nothing(): void {
  // What is captured is whole without it.
}

/** Gives the process what it reads from its standard input. */
async function converseWith(
  { identity, stdin, stdout }: ContainedProcess,
  { input, talk }: ProcessSpec,
  exited: Promise<unknown>,
): Promise<void> {
  // A process that does not read it all is not to blame.
  stdin?.on('error', () => undefined);
  if (!talk) stdin?.end(input);
  else if (stdin && stdout) await talk({ process: identity, stdin, stdout, exited });
}
