import type { Clock } from '../clock.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import { DEFAULT_KILL_MS, endTree, untilEmpty } from './end-tree.ts';
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
import { readProcessTable, type TableEntry } from './process-table.ts';
import { selectTree } from './select-tree.ts';
import { sendGroupSignal, sendSignal } from './send-signal.ts';
import { spawnProcess } from './spawn-process.ts';

/** Processes found by session, group, ancestry and marker; looks at all processes of the system each time. */
export class SessionTree implements ProcessTree {
  readonly level = 'session';
  readonly #marker: string;
  readonly #clock: Clock;
  #members: readonly ProcessIdentity[];
  #groups: ReadonlyMap<number, number | null>;

  constructor({ marker, leaders }: Pick<ContainerRef, 'marker' | 'leaders'>, clock: Clock) {
    this.#marker = marker;
    this.#clock = clock;
    this.#members = [...leaders];
    this.#groups = new Map(leaders.map(({ pid, startTime }) => [pid, startTime]));
  }

  async list(): Promise<readonly ProcessIdentity[]> {
    return (await this.#look()).map(({ pid, startTime }) => ({ pid, startTime }));
  }

  async signalAll(signal: NodeJS.Signals): Promise<void> {
    for (const entry of await this.#look()) sendSignal(entry, signal);
  }

  async killAll(killMs = DEFAULT_KILL_MS): Promise<readonly ProcessIdentity[]> {
    // A process that is just executing another program shows no environment: nothing found once is not yet nothing.
    const left = await untilEmpty(() => this.#kill(), killMs, this.#clock);
    return left.length === 0 ? untilEmpty(() => this.#kill(), killMs, this.#clock) : left;
  }

  end(options: EndOptions): Promise<EndReport> {
    return endTree(this, options, this.#clock);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.killAll();
  }

  protected addLeader(leader: ProcessIdentity): void {
    this.#members = [...this.#members, leader];
    this.#groups = new Map(this.#groups).set(leader.pid, leader.startTime);
  }

  async #kill(): Promise<readonly ProcessIdentity[]> {
    const found = await this.#look();
    // A group is killed in one step that a fork cannot escape; all groups here belong to the tree alone.
    for (const group of new Set(found.map(({ pgrp }) => pgrp))) {
      if (this.#groups.has(group)) sendGroupSignal(group, 'SIGKILL');
    }
    for (const entry of found) sendSignal(entry, 'SIGKILL');
    return found;
  }

  async #look(): Promise<readonly TableEntry[]> {
    const members = this.#members;
    const before = this.#groups;
    const memory = { marker: this.#marker, members, groups: before };
    const { entries, groups } = selectTree(await readProcessTable(), memory, process.pid);
    // What was started while the table was read is not in it and not to be forgotten.
    const started = this.#members.filter((member) => !members.includes(member));
    const startedGroups = [...this.#groups].filter(([group]) => !before.has(group));
    this.#members = [...entries.map(({ pid, startTime }) => ({ pid, startTime })), ...started];
    this.#groups = new Map([...groups, ...startedGroups]);
    return entries;
  }
}

export class SessionContainer extends SessionTree implements ProcessContainer {
  readonly #marker: string;
  readonly #pipes = new PipeSupply();
  readonly #leaders: ProcessIdentity[] = [];

  constructor(marker: string, clock: Clock) {
    super({ marker, leaders: [] }, clock);
    this.#marker = marker;
  }

  ref(): ContainerRef {
    return { marker: this.#marker, leaders: [...this.#leaders] };
  }

  async spawn(options: SpawnContained): Promise<SpawnResult> {
    const result = await spawnProcess(options, { marker: this.#marker, pipes: this.#pipes });
    if (result.ok) {
      this.#leaders.push(result.process.identity);
      this.addLeader(result.process.identity);
    }
    return result;
  }

  prepare(): void {
    this.#pipes.prepare();
  }

  keep(): void {
    // Nobody else looks for these.
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.#pipes[Symbol.asyncDispose]();
  }
}
