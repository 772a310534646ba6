// Windows has neither sessions nor signals: a tree is what taskkill finds by parent process, as long as the direct
// child lives. Job objects would be tight but are out of reach without native code.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Clock } from '../clock.ts';
import { isAlive, type ProcessIdentity } from '../process-identity.ts';
import { DEFAULT_KILL_MS, endTree, untilEmpty } from './end-tree.ts';
import { PipeSupply } from './pipe-supply.ts';
import type {
  ContainerRef,
  EndOptions,
  EndReport,
  ProcessContainer,
  SpawnContained,
  SpawnResult,
} from './process-container.ts';
import { spawnProcess } from './spawn-process.ts';

export class WindowsContainer implements ProcessContainer {
  readonly level = 'session';
  readonly #marker: string;
  readonly #clock: Clock;
  #leaders: ProcessIdentity[];

  constructor({ marker, leaders }: Pick<ContainerRef, 'marker' | 'leaders'>, clock: Clock) {
    this.#marker = marker;
    this.#leaders = [...leaders];
    this.#clock = clock;
  }

  ref(): ContainerRef {
    return { marker: this.#marker, leaders: [...this.#leaders] };
  }

  async spawn(options: SpawnContained): Promise<SpawnResult> {
    const result = await spawnProcess(options, { marker: this.#marker, pipes: new PipeSupply() });
    if (result.ok) this.#leaders.push(result.process.identity);
    return result;
  }

  prepare(): void {
    // Nothing can be done ahead here.
  }

  keep(): void {
    // Nobody else looks for these.
  }

  list(): Promise<readonly ProcessIdentity[]> {
    return Promise.resolve(this.#leaders.filter(isAlive));
  }

  async signalAll(signal: NodeJS.Signals): Promise<void> {
    await Promise.all((await this.list()).map(({ pid }) => taskkill(pid, signal === 'SIGKILL')));
  }

  killAll(killMs = DEFAULT_KILL_MS): Promise<readonly ProcessIdentity[]> {
    const kill = async () => {
      await this.signalAll('SIGKILL');
      return this.list();
    };
    return untilEmpty(kill, killMs, this.#clock);
  }

  end(options: EndOptions): Promise<EndReport> {
    return endTree(this, options, this.#clock);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.killAll();
  }
}

async function taskkill(pid: number, force: boolean): Promise<void> {
  try {
    await promisify(execFile)('taskkill', ['/pid', String(pid), '/T', ...(force ? ['/F'] : [])]);
  } catch {
    // Gone in the meantime, or one that heeds force only: the next look tells.
  }
}
