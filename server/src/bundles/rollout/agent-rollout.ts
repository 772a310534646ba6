import type { Clock, Logger, Service } from '@go-agent/runtime';
import type { CommandOutcome } from '../../domain/command-outcome.ts';
import type { Repositories } from '../../store/repositories.ts';
import type { Release } from '../release.ts';
import {
  endRollout,
  freeze,
  haltRollout,
  removePin,
  resumeRollout,
  type Situation,
  setPin,
  startRollout,
  unfreeze,
} from './change-rollout.ts';
import { type Decision, decideRelease } from './decide-release.ts';
import { haltReason, judgeReport } from './judge-report.ts';
import { ReportBook } from './report-book.ts';
import type { AgentUpgradeView, RolloutDesk, RolloutStatus } from './rollout-desk.ts';
import { decodeRolloutState, encodeRolloutState, NO_ROLLOUT, type RolloutState } from './rollout-state.ts';

/** Reports are stored together: a thousand agents that upgrade are a few transactions. What is lost in a crash is said again. */
const FLUSH_MS = 1000;

export interface KnownAgent {
  readonly uuid: string;
  readonly hostName: string;
  readonly resources: readonly string[];
  readonly environments: readonly string[];
}

export interface AgentRolloutParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Registered agents only; whoever else asks is not remembered. */
  readonly agents: { get(uuid: string): KnownAgent | undefined; all(): readonly KnownAgent[] };
  readonly read: Pick<Repositories, 'rollout'>;
  readonly write: (work: (repositories: Pick<Repositories, 'rollout'>) => Promise<void>) => Promise<void>;
}

export class AgentRollout implements RolloutDesk, Service {
  readonly name = 'rollout';
  readonly #parts: AgentRolloutParts;
  readonly #book = new ReportBook();
  readonly #listeners = new Set<() => void>();
  #state: RolloutState = NO_ROLLOUT;
  /** One command after the other: each starts from what the last one has stored. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(parts: AgentRolloutParts) {
    this.#parts = parts;
  }

  static async open(parts: AgentRolloutParts): Promise<AgentRollout> {
    const opened = new AgentRollout(parts);
    const stored = await parts.read.rollout.state();
    if (stored !== undefined) opened.#state = decodeRolloutState(stored);
    for (const record of await parts.read.rollout.reports()) opened.#book.restore(record);
    return opened;
  }

  decide({ guid, report }: Parameters<RolloutDesk['decide']>[0], releases: readonly Release[]): Decision {
    const agent = this.#parts.agents.get(guid);
    if (agent !== undefined && report !== undefined) this.#note(agent, report, releases);
    return this.#decide(agent ?? { uuid: guid, resources: [], environments: [] }, releases);
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  status(releases: readonly Release[]): RolloutStatus {
    const { rollout } = this.#state;
    const agents = this.#parts.agents.all().map((agent): AgentUpgradeView => {
      const { uuid, hostName } = agent;
      const decision = this.#decide(agent, releases);
      const entry = this.#book.get(uuid);
      return { uuid, hostName, decision, ...entry };
    });
    const tally =
      rollout === undefined
        ? { passed: 0, failed: 0 }
        : this.#book.tally(rollout.version, rollout.countsFrom);
    return { state: this.#state, releases, agents, tally };
  }

  start(wish: Parameters<RolloutDesk['start']>[0], releases: readonly Release[]): Promise<CommandOutcome> {
    return this.#command((state, now) => startRollout(state, wish, situation(now, releases)));
  }

  resume(): Promise<CommandOutcome> {
    return this.#command((state, now) => resumeRollout(state, situation(now)));
  }

  end(): Promise<CommandOutcome> {
    return this.#command(endRollout);
  }

  freeze(reason: string): Promise<CommandOutcome> {
    return this.#command((state, now) => freeze(state, reason, situation(now)));
  }

  unfreeze(): Promise<CommandOutcome> {
    return this.#command(unfreeze);
  }

  pin(pin: Parameters<RolloutDesk['pin']>[0], releases: readonly Release[]): Promise<CommandOutcome> {
    return this.#command((state, now) => setPin(state, pin, situation(now, releases)));
  }

  unpin(target: Parameters<RolloutDesk['unpin']>[0]): Promise<CommandOutcome> {
    return this.#command((state) => removePin(state, target));
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#parts;
    let isOpen = true;
    while (isOpen) {
      isOpen = await clock.sleep(FLUSH_MS, signal);
      await this.#flush().catch((error: unknown) =>
        logger.error(
          { err: error },
          'What agents report of their versions cannot be stored; it is tried again',
        ),
      );
    }
  }

  #decide(
    agent: Pick<KnownAgent, 'uuid' | 'resources' | 'environments'>,
    releases: readonly Release[],
  ): Decision {
    const { uuid, resources, environments } = agent;
    const { rollout } = this.#state;
    return decideRelease({
      state: this.#state,
      agent: { guid: uuid, resources, environments },
      hasFailed: rollout !== undefined && this.#book.hasFailed(uuid, rollout.version),
      versions: releases.map(({ version }) => version),
    });
  }

  #note({ uuid }: KnownAgent, report: Parameters<ReportBook['note']>[1], releases: readonly Release[]): void {
    const { clock, logger } = this.#parts;
    const { rollout } = this.#state;
    const release = (version: string | undefined) => releases.find((one) => one.version === version);
    const candidate = release(rollout?.version);
    const judged = candidate && {
      version: candidate.version,
      verdict: judgeReport(report, candidate, release(rollout?.base)),
    };
    const isNews = this.#book.note(uuid, report, clock.now(), judged);
    if (!isNews || rollout === undefined) return;
    const verdict = this.#book.get(uuid)?.verdict;
    logger[verdict?.type === 'failed' ? 'warn' : 'info'](
      { agent: uuid, verdict },
      'An upgrade has ended its probation',
    );
    if (rollout.halted !== undefined) return;
    const reason = haltReason(this.#book.tally(rollout.version, rollout.countsFrom), rollout);
    if (reason !== undefined) this.#halt(reason);
  }

  /** In force at once, before it is stored: each agent that asks meanwhile would be one more to fail. */
  #halt(reason: string): void {
    const { clock, logger } = this.#parts;
    this.#state = haltRollout(this.#state, reason, clock.now());
    logger.error(
      {
        version: this.#state.rollout?.version,
        reason,
        remedy: 'go-server rollout status; then resume, or start another version',
      },
      'The roll-out is halted; its agents go back',
    );
    this.#tell();
    this.#inTurn(() => this.#store(this.#state)).catch((error: unknown) =>
      logger.error({ err: error }, 'The halt of the roll-out cannot be stored'),
    );
  }

  #command(
    change: (state: RolloutState, now: number) => CommandOutcome<RolloutState>,
  ): Promise<CommandOutcome> {
    return this.#inTurn(async () => {
      for (;;) {
        const before = this.#state;
        const outcome = change(before, this.#parts.clock.now());
        if (outcome.type !== 'ok') return outcome;
        await this.#store(outcome.value);
        // A halt that came meanwhile is part of what this command finds.
        if (this.#state !== before) continue;
        this.#state = outcome.value;
        this.#parts.logger.info({ state: this.#state }, outcome.message);
        this.#tell();
        return { ...outcome, value: undefined };
      }
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #store(state: RolloutState): Promise<void> {
    await this.#parts.write(({ rollout }) => rollout.saveState(encodeRolloutState(state)));
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  async #flush(): Promise<void> {
    const { agents, write } = this.#parts;
    const gone = this.#book.forgetAllBut((uuid) => agents.get(uuid) !== undefined);
    const changes = this.#book.takeChanges();
    if (gone.length + changes.length === 0) return;
    try {
      await write(async ({ rollout }) => {
        for (const record of changes) await rollout.saveReport(record);
        for (const uuid of gone) await rollout.removeReport(uuid);
      });
    } catch (error) {
      this.#book.putBack(changes);
      throw error;
    }
  }
}

function situation(now: number, releases: readonly Release[] = []): Situation {
  return { now, versions: releases.map(({ version }) => version) };
}
