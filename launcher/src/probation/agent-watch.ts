import type { AgentControl, FromAgent } from '@go-agent/protocol/launch-contract';
import type { Clock } from '@go-agent/runtime/core';
import { type AgentSeen, type BadAgent, judgeRunning } from './judge-agent.ts';
import type { TrialLimits } from './trial-limits.ts';

export interface AgentWatchOptions {
  readonly limits: TrialLimits;
  /** It has proved itself in an earlier run. */
  readonly isGood: boolean;
  /** There is a version to go back to. */
  readonly canFail: boolean;
  /** The server could not be asked for offers just now. */
  readonly serverIsSilent: boolean;
  readonly clock: Clock;
  /** Whether the server answers the launcher. */
  readonly askServer: (signal: AbortSignal) => Promise<boolean>;
  readonly tell: (message: AgentControl) => void;
  /** Bytes in use by the agent process. */
  readonly memory: () => number;
  /** Called once, when it has run well for long enough. */
  readonly onGood: () => void;
}

/** Looks in the time of a probation, and how often between two: at memory, at the server, at whether it answers. */
const LOOKS = 60;
const SERVER_EVERY = 10;
const QUESTION_EVERY = 30;
const GOOD_LOOK_FACTOR = 5;
const MIN_LOOK_MS = 50;

/** Watches one run of an agent: what it says, how much it takes, and whether it is still there. */
export class AgentWatch {
  readonly #options: AgentWatchOptions;
  readonly #startedAt: number;
  #isGood: boolean;
  #ready = false;
  #acceptedAt: number | undefined;
  /** The server has talked to the agent, and leaves it to a person to accept it. */
  #awaitsApproval = false;
  #answeredMs = 0;
  #serverIsSilent: boolean;
  #answers = false;
  #unanswered = 0;

  constructor(options: AgentWatchOptions) {
    this.#options = options;
    this.#isGood = options.isGood;
    this.#startedAt = options.clock.monotonic();
    this.#serverIsSilent = options.serverIsSilent;
  }

  get seen(): AgentSeen {
    const { clock, memory } = this.#options;
    const now = clock.monotonic();
    return {
      runsMs: now - this.#startedAt,
      ready: this.#ready,
      acceptedMs: this.#acceptedAt === undefined ? undefined : now - this.#acceptedAt,
      answeredMs: this.#answeredMs,
      unanswered: this.#unanswered,
      memoryBytes: memory(),
    };
  }

  get serverIsSilent(): boolean {
    return this.#serverIsSilent;
  }

  hear(message: FromAgent): void {
    const { clock, limits } = this.#options;
    switch (message.type) {
      case 'ready':
        this.#ready = true;
        break;
      case 'registered':
        this.#ready = true;
        this.#acceptedAt ??= clock.monotonic();
        if (limits.probationMs === 0) this.#noteGood();
        break;
      case 'status':
        this.#answers = true;
        this.#unanswered = 0;
        this.#awaitsApproval = message.status.state === 'pending';
        break;
    }
  }

  /** Resolves to why the agent must be ended, or to undefined once `signal` is aborted. */
  async run(signal: AbortSignal): Promise<BadAgent | undefined> {
    const { limits, clock, tell } = this.#options;
    const lookMs = () =>
      Math.max(MIN_LOOK_MS, limits.probationMs / LOOKS) * (this.#isGood ? GOOD_LOOK_FACTOR : 1);
    for (let looks = 1; await clock.sleep(lookMs(), signal); looks++) {
      if (looks % (this.#isGood ? QUESTION_EVERY / GOOD_LOOK_FACTOR : QUESTION_EVERY) === 0) {
        if (this.#answers) this.#unanswered++;
        tell({ type: 'report' });
      }
      if (this.#mustAskServer && looks % SERVER_EVERY === 0) await this.#askServer(lookMs(), signal);
      const finding = judgeRunning(
        this.seen,
        { isGood: this.#isGood, canFail: this.#options.canFail },
        limits,
      );
      if (finding.type === 'bad') return finding;
      if (finding.type === 'good') this.#noteGood();
    }
    return undefined;
  }

  get #mustAskServer(): boolean {
    return this.#options.canFail && !this.#isGood && this.#ready && this.#acceptedAt === undefined;
  }

  async #askServer(lookMs: number, signal: AbortSignal): Promise<void> {
    this.#serverIsSilent = !(await this.#options.askServer(signal));
    const isHeldUp = this.#serverIsSilent || this.#awaitsApproval;
    this.#answeredMs = isHeldUp ? 0 : this.#answeredMs + lookMs * SERVER_EVERY;
  }

  #noteGood(): void {
    if (this.#isGood) return;
    this.#isGood = true;
    this.#options.onGood();
  }
}
