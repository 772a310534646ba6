// What must not last longer than a profile says. Looked at while no time passes; what was seen to begin is remembered here, not asked
// of the server.

import type { JobView } from '../../domain/views.ts';
import type { ElasticAgentRecord } from '../../store/elastic-agent-repository.ts';
import type { Broker } from '../broker/broker.ts';

export interface TimeLimits {
  readonly idleTimeoutMs: number;
  readonly minIdle: number;
  readonly startTimeoutMs: number;
  readonly queueTimeoutMs?: number;
}

/** Time passes here in pieces of 30 s, in which a promise may run out or the server look only when it does of its own accord. */
const TOLERANCE_MS = 90_000;

export class ElasticTimeLimits {
  readonly #fault: (text: string) => void;
  /** By uuid. */
  readonly #idleSince = new Map<string, number>();
  /** By job. */
  readonly #waitingSince = new Map<number, number>();

  constructor(fault: (text: string) => void) {
    this.#fault = fault;
  }

  /** The server is another one: what it only remembers begins anew. */
  restarted(): void {
    this.#idleSince.clear();
  }

  /** @param waiting jobs of this profile that are scheduled */
  atRest(
    { context }: Broker,
    own: readonly ElasticAgentRecord[],
    waiting: readonly JobView[],
    limits: TimeLimits,
  ): void {
    const now = context.scheduler.clock.now();
    this.#checkStarts(own, now, limits);
    this.#checkWaits(waiting, now, limits);
    const { registry, board } = context.scheduler;
    const idle = own.flatMap(({ uuid, phase }) => {
      const live = uuid === undefined ? undefined : registry.get(uuid);
      const isIdle = phase === 'registered' && live?.runtime === 'idle' && !live.record.disabled;
      return uuid !== undefined && isIdle && board.onAgent(uuid) === undefined ? [uuid] : [];
    });
    // One that a waiting job could use stays, and so do those that are to be kept.
    const mayGo = waiting.length === 0 && idle.length > limits.minIdle;
    for (const { uuid = '' } of own) {
      if (!mayGo || !idle.includes(uuid)) this.#idleSince.delete(uuid);
      else if (!this.#idleSince.has(uuid)) this.#idleSince.set(uuid, now);
      const idleMs = now - (this.#idleSince.get(uuid) ?? now);
      if (idleMs > limits.idleTimeoutMs + TOLERANCE_MS)
        this.#fault(`${uuid} stays although it has been idle for ${idleMs / 1000} s`);
    }
  }

  #checkStarts(own: readonly ElasticAgentRecord[], now: number, { startTimeoutMs }: TimeLimits): void {
    for (const { agentId, phase, createdAt } of own)
      if (phase === 'starting' && now - createdAt > startTimeoutMs + TOLERANCE_MS)
        this.#fault(`${agentId} stays although it has not come for ${(now - createdAt) / 1000} s`);
  }

  #checkWaits(waiting: readonly JobView[], now: number, { queueTimeoutMs }: TimeLimits): void {
    for (const { jobId } of waiting) {
      const since = this.#waitingSince.get(jobId) ?? now;
      this.#waitingSince.set(jobId, since);
      if (queueTimeoutMs !== undefined && now - since > queueTimeoutMs + TOLERANCE_MS)
        this.#fault(`job ${jobId} waits beyond its queue_timeout, for ${(now - since) / 1000} s`);
    }
  }
}
