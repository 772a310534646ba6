import { dirname } from 'node:path';
import type { Clock } from '../clock.ts';
import { type ProcessIdentity, processIdentity } from '../process-identity.ts';
import {
  cgroupPids,
  createCgroup,
  enterCgroup,
  isOwnedBySelf,
  isPopulated,
  keepCgroup,
  killCgroup,
  removeCgroup,
  removeStaleCgroups,
} from './cgroup.ts';
import { ownCgroupFolder } from './cgroup-location.ts';
import { DEFAULT_KILL_MS, endTree, untilEmpty, untilTrue } from './end-tree.ts';
import { PipeSupply } from './pipe-supply.ts';
import type {
  ContainerRef,
  EndOptions,
  EndReport,
  ProcessContainer,
  ProcessTree,
  SpawnContained,
  SpawnResult,
} from './process-container.ts';
import { sendSignal } from './send-signal.ts';
import { spawnProcess } from './spawn-process.ts';

/** The processes of a control group of the kernel's: nothing that is started in it ever gets lost. */
export class CgroupTree implements ProcessTree {
  readonly level = 'cgroup';
  readonly folder: string;
  readonly clock: Clock;

  constructor(folder: string, clock: Clock) {
    this.folder = folder;
    this.clock = clock;
  }

  list(): Promise<readonly ProcessIdentity[]> {
    return Promise.resolve(isPopulated(this.folder) ? this.#members() : []);
  }

  signalAll(signal: NodeJS.Signals): Promise<void> {
    for (const member of this.#members()) sendSignal(member, signal);
    return Promise.resolve();
  }

  async killAll(killMs = DEFAULT_KILL_MS): Promise<readonly ProcessIdentity[]> {
    this.leave();
    const kill = () => {
      if (isPopulated(this.folder)) this.#killOnce();
      return this.list();
    };
    return untilEmpty(kill, killMs, this.clock);
  }

  end(options: EndOptions): Promise<EndReport> {
    return endTree(this, options, this.clock);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = await this.killAll();
    // A process whose main thread has ended is not listed but keeps the group until its last thread has ended.
    if (left.length === 0) await untilTrue(() => !isPopulated(this.folder), 1000, this.clock);
    // What cannot be removed now (a process that even SIGKILL does not end) is removed as stale later.
    removeCgroup(this.folder);
  }

  /** Takes this process out of the group, if it is in. */
  protected leave(): void {
    // A group of another process's: this one is not in.
  }

  #members(): ProcessIdentity[] {
    return cgroupPids(this.folder).flatMap((pid) => {
      const identity = pid === process.pid ? null : processIdentity(pid);
      return identity ? [identity] : [];
    });
  }

  #killOnce(): void {
    const selfInside = cgroupPids(this.folder).includes(process.pid);
    if (selfInside || !killCgroup(this.folder))
      for (const member of this.#members()) sendSignal(member, 'SIGKILL');
  }
}

/**
 * A child starts in the group of the process that forks it, so this process goes into the group and stays there until
 * it comes to killing: moving costs up to 15 ms, and so only the first process of a job pays for it, or none. A shell
 * that enters the group and then executes the command would do too, but shells drop variables whose names they do not
 * like (`a.b`), add their own (PWD, SHLVL) and hide why a command cannot be executed.
 */
export class CgroupContainer extends CgroupTree implements ProcessContainer {
  readonly #home: string;
  readonly #marker: string;
  readonly #pipes = new PipeSupply();
  readonly #leaders: ProcessIdentity[] = [];

  /** @param home the folder of the group to which this process belongs otherwise */
  constructor(folder: string, home: string, marker: string, clock: Clock) {
    super(folder, clock);
    this.#home = home;
    this.#marker = marker;
  }

  ref(): ContainerRef {
    return { marker: this.#marker, cgroup: this.folder, leaders: [...this.#leaders] };
  }

  async spawn(options: SpawnContained): Promise<SpawnResult> {
    const beforeFork = () => {
      if (!this.#enter()) throw new Error(`could not move into the control group ${this.folder}`);
    };
    const result = await spawnProcess(options, { marker: this.#marker, pipes: this.#pipes, beforeFork });
    if (result.ok) this.#leaders.push(result.process.identity);
    return result;
  }

  prepare(): void {
    this.#pipes.prepare();
    this.#enter();
  }

  keep(): void {
    keepCgroup(this.folder);
  }

  override async list(): Promise<readonly ProcessIdentity[]> {
    await this.#pipes.settled();
    return super.list();
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.#pipes[Symbol.asyncDispose]();
  }

  protected override leave(): void {
    if (ownCgroupFolder() === this.folder) enterCgroup(this.#home);
  }

  #enter(): boolean {
    return ownCgroupFolder() === this.folder || enterCgroup(this.folder);
  }
}

/**
 * A container in a new group below this process's own; null if this process may not do so.
 * @param scope see OpenContainerOptions
 */
export function openCgroupContainer(marker: string, clock: Clock, scope = ''): CgroupContainer | null {
  const home = homeOf(ownCgroupFolder());
  const folder = home && createCgroup(home, scope);
  if (!folder) return null;
  removeStaleCgroups(home, scope);
  const before = ownCgroupFolder() ?? home;
  // A kill of the empty group does nothing but ask whether the kernel can. And what goes in must come back.
  const usable = killCgroup(folder) && enterCgroup(folder) && enterCgroup(before);
  if (usable) return new CgroupContainer(folder, home, marker, clock);
  enterCgroup(before);
  removeCgroup(folder);
  return null;
}

/** While this process is in a container of its own, the next one is to be beside that, not in it. */
function homeOf(folder: string | null): string | null {
  return folder && isOwnedBySelf(folder) ? dirname(folder) : folder;
}
