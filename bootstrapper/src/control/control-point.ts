import { HAND_OVER_SIGNAL, type Settings } from '@go-agent/protocol/launch-contract';
import { type Clock, describeError } from '@go-agent/runtime/core';
import type { SupervisorEvent } from '../core/supervise.ts';
import type { JsonLog } from '../json-log.ts';
import type { BootstrapperStatus } from '../status.ts';
import type { AgentLink } from './agent-link.ts';
import type { Controls } from './answer-request.ts';
import { type ControlServer, serveHealth, serveOrders } from './control-server.ts';
import { socketToListen } from './control-socket.ts';
import { type HealthReport, healthReport } from './health-report.ts';
import type { ListenAddress } from './listen-address.ts';

export interface ControlPointOptions {
  readonly home: string;
  /** The current folder of this process. */
  readonly cwd: string;
  readonly link: AgentLink;
  readonly status: { readonly current: BootstrapperStatus };
  /** Absent: health is told at the local socket only. */
  readonly healthListen?: ListenAddress;
  readonly rereadSettings: () =>
    | { readonly ok: true; readonly settings: Settings }
    | { readonly ok: false; readonly message: string };
  /** Settings that the next launch gets. */
  readonly onSettings: (settings: Settings) => void;
  /** For how long a job may go on once the end is asked for. */
  readonly onDrainTimeout: (ms: number) => void;
  /** Has versions that failed tried again at the next launch. @throws what the disk reports */
  readonly retryUpgrades: () => void;
  readonly clock: Clock;
  readonly log: JsonLog;
}

/** An agent hands over within a second. */
const HAND_OVER_MS = 5000;

/** Where the operator's commands, and whoever watches over the agent, reach this bootstrapper. */
export class ControlPoint implements Controls, AsyncDisposable {
  readonly #options: ControlPointOptions;
  readonly #servers = new Map<string, Promise<ControlServer | undefined>>();
  readonly #troubles = new Map<string, string>();
  readonly #closed = new AbortController();

  constructor(options: ControlPointOptions) {
    this.#options = options;
  }

  /** Nobody is to be listened to any more. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Once the launcher holds the home folder, this bootstrapper is the one to be asked. */
  note(event: SupervisorEvent): void {
    if (event.type !== 'status' || event.status.phase === 'locking' || this.#servers.size > 0) return;
    const { home, cwd, healthListen } = this.#options;
    this.#open('socket', () => serveOrders(socketToListen(home, cwd), this));
    if (healthListen !== undefined) this.#open('health-listen', () => serveHealth(healthListen, this));
  }

  async health(): Promise<HealthReport> {
    const { link, status, clock } = this.#options;
    const answer = await link.ask();
    return healthReport({
      status: status.current,
      answer,
      troubles: [...this.#troubles.values()],
      now: clock.now(),
    });
  }

  drain(deadlineMs: number | undefined): void {
    this.#options.log('info', 'The agent is drained by order of the operator', { deadlineMs });
    this.#options.link.drain(deadlineMs);
  }

  resume(): void {
    this.#options.log('info', 'The agent takes work again by order of the operator');
    this.#options.link.resume();
  }

  drainTimeout(ms: number): void {
    this.#options.log('info', 'The operator has set how long a job may go on once the end is asked for', {
      ms,
    });
    this.#options.onDrainTimeout(ms);
  }

  restart(retryUpgrades: boolean): string | undefined {
    const { link, log } = this.#options;
    const { pid } = link;
    try {
      if (retryUpgrades) this.#options.retryUpgrades();
    } catch (error) {
      return `the order could not be noted: ${describeError(error)}`;
    }
    if (pid === undefined || !trySignal(pid, HAND_OVER_SIGNAL))
      return 'there is no agent just now; one is about to be started';
    log('info', 'The agent is restarted by order of the operator; a running job goes on', {
      pid,
      retryUpgrades,
    });
    void this.#insist(pid);
    return undefined;
  }

  reload(): string | undefined {
    const { rereadSettings, onSettings, link, log } = this.#options;
    const read = rereadSettings();
    if (!read.ok) {
      log('error', `The settings stay as they were: ${read.message}`);
      return read.message;
    }
    log('info', 'The settings were read anew; go-agent.log says which of them are in force now');
    onSettings(read.settings);
    link.settings(read.settings);
    return undefined;
  }

  /** An agent that is stuck does not hear the signal. Its job host is another process, and goes on. */
  async #insist(pid: number): Promise<void> {
    const { clock, link, log } = this.#options;
    await clock.sleep(HAND_OVER_MS, this.#closed.signal);
    if (link.pid !== pid || this.#closed.signal.aborted) return;
    log('warn', 'The agent did not hand over in time and is killed', { pid });
    trySignal(pid, 'SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    for (const server of this.#servers.values()) await (await server)?.[Symbol.asyncDispose]();
  }

  /** What cannot be opened is a trouble to be seen, and keeps no agent from its work. */
  #open(name: string, open: () => Promise<ControlServer>): void {
    const { log } = this.#options;
    const opening = async () => {
      try {
        const server = await open();
        if (name === 'health-listen') log('info', `Health is told at http://${server.address}/health`);
        return server;
      } catch (error) {
        const trouble = `${name}: ${describeError(error)}`;
        this.#troubles.set(name, trouble);
        log('error', trouble);
        return undefined;
      }
    };
    this.#servers.set(name, opening());
  }
}

/** False if there is no such process any more. */
function trySignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
