// Polling: one poll at a time for each material, a few in parallel; what is found is stored, what fails is shown.

import { backoffDelay, type Clock, describeError } from '@go-agent/runtime/core';
import type { HealthBoard } from '../core/health-board.ts';
import type { MaterialConfig } from '../domain/pipeline-config.ts';
import type { NewModification } from '../store/modification-repository.ts';
import type { Store } from '../store/store.ts';
import type { GitPoller } from './git-poller.ts';
import { isSilence, pollRemedy } from './poll-failure.ts';
import { PollPlaces } from './poll-places.ts';
import { upstreamModification } from './upstream-modification.ts';

export type PollOutcome =
  | { readonly type: 'polled'; readonly added: number }
  | { readonly type: 'failed'; readonly message: string };

export interface MaterialUpdatesOptions {
  readonly store: Store;
  readonly health: HealthBoard;
  readonly git: GitPoller;
  readonly clock: Clock;
  /** Polls at a time of the timer, and as many for triggers. */
  readonly parallel: number;
  readonly pollMs: number;
  readonly signal: AbortSignal;
  /** Something new was stored. */
  onNews(fingerprint: string): void;
}

interface Failure {
  readonly count: number;
  /** Monotonic milliseconds. */
  readonly notBefore: number;
  readonly silent: boolean;
}

const LONGEST_WAIT_MS = 600_000;
const LONGEST_TURN_MS = 10_000;

export class MaterialUpdates {
  readonly #options: MaterialUpdatesOptions;
  readonly #timer: PollPlaces<PollOutcome>;
  /** Somebody waits for these: they must not stand behind the timer's polls of repositories that do not answer. */
  readonly #asked: PollPlaces<PollOutcome>;
  /** All that were asked for and are not done, with those that wait for their place. */
  readonly #open = new Set<Promise<PollOutcome>>();
  readonly #running = new Map<string, Promise<PollOutcome>>();
  readonly #queued = new Map<string, Promise<PollOutcome>>();
  /** Undefined until somebody has said. */
  #wanted: ReadonlySet<string> | undefined;
  readonly #failures = new Map<string, Failure>();

  constructor(options: MaterialUpdatesOptions) {
    this.#options = options;
    this.#timer = new PollPlaces(options.parallel);
    this.#asked = new PollPlaces(options.parallel);
  }

  /** For a trigger: a poll that begins after this call. One that is under way may have looked too early, so that another follows it. */
  poll(material: MaterialConfig): Promise<PollOutcome> {
    const { fingerprint } = material;
    const running = this.#running.get(fingerprint);
    if (running === undefined) return this.#start(material, this.#asked);
    const queued = this.#queued.get(fingerprint);
    if (queued !== undefined) return queued;
    const next = this.#note(
      running.then(() => {
        this.#queued.delete(fingerprint);
        return this.#start(material, this.#asked);
      }),
    );
    this.#queued.set(fingerprint, next);
    return next;
  }

  /**
   * A turn of the timer. A repository that does not answer goes on being asked by itself: it holds up neither the next turn of the
   * others nor the end of the server.
   */
  async pollDue(materials: readonly MaterialConfig[], signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const polls = this.#pollDue(materials).finally(() => over.abort());
    const limit = AbortSignal.any([signal, over.signal]);
    await Promise.race([polls, this.#options.clock.sleep(LONGEST_TURN_MS, limit)]);
  }

  /** Leaves out what is being polled and what has failed a short while ago. */
  async #pollDue(materials: readonly MaterialConfig[]): Promise<void> {
    const now = this.#options.clock.monotonic();
    const due = materials.filter(({ fingerprint }) => {
      if (this.#running.has(fingerprint) || this.#timer.isWaiting(fingerprint)) return false;
      return (this.#failures.get(fingerprint)?.notBefore ?? 0) <= now;
    });
    await Promise.all(due.map((material) => this.#start(material, this.#timer)));
  }

  /** Polls what has no modification yet, as long as it may be polled. */
  async pollUnknown(materials: readonly MaterialConfig[]): Promise<void> {
    const { modifications } = this.#options.store.read;
    const unknown: MaterialConfig[] = [];
    for (const material of materials) {
      if (material.type === 'git' && !material.autoUpdate) continue;
      if ((await modifications.newest(material.fingerprint)) === undefined) unknown.push(material);
    }
    await this.#pollDue(unknown);
  }

  /** Ends the messages about materials that are in no pipeline any more; a poll that is under way makes none of them either. */
  forgetAllBut(fingerprints: ReadonlySet<string>): void {
    this.#wanted = fingerprints;
    for (const fingerprint of this.#failures.keys()) {
      if (fingerprints.has(fingerprint)) continue;
      this.#failures.delete(fingerprint);
      this.#options.health.clear(scopeOf(fingerprint));
    }
  }

  /** Resolves when no poll is under way, and none waits for its place. */
  async idle(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
  }

  /** Only while no poll of the material is under way. */
  #start(material: MaterialConfig, places: PollPlaces<PollOutcome>): Promise<PollOutcome> {
    const { fingerprint } = material;
    const isSilent = this.#failures.get(fingerprint)?.silent ?? false;
    return this.#note(places.run(fingerprint, isSilent, () => this.#begin(material)));
  }

  #begin(material: MaterialConfig): Promise<PollOutcome> {
    const { fingerprint } = material;
    const running = this.#running.get(fingerprint);
    // It got its place among the others while this one waited for one here: it began late enough for both.
    if (running !== undefined) return running;
    const poll = this.#poll(material).finally(() => this.#running.delete(fingerprint));
    this.#running.set(fingerprint, poll);
    return poll;
  }

  #note(poll: Promise<PollOutcome>): Promise<PollOutcome> {
    const noted = poll.finally(() => this.#open.delete(noted));
    this.#open.add(noted);
    return noted;
  }

  async #poll(material: MaterialConfig): Promise<PollOutcome> {
    const { store, signal, health } = this.#options;
    const { fingerprint } = material;
    try {
      const found = await this.#look(material);
      const added =
        found.length === 0
          ? 0
          : await store.write(({ modifications }) => modifications.add(fingerprint, found));
      this.#failures.delete(fingerprint);
      health.clear(scopeOf(fingerprint));
      if (added > 0) this.#options.onNews(fingerprint);
      return { type: 'polled', added };
    } catch (error) {
      const message = `Could not update ${describeMaterial(material)}`;
      if (!signal.aborted) this.#remember(fingerprint, message, error);
      return { type: 'failed', message: `${message}: ${describeError(error)}` };
    }
  }

  async #look(material: MaterialConfig): Promise<readonly NewModification[]> {
    const { store, git, signal } = this.#options;
    if (material.type === 'dependency') {
      const run = await upstreamModification(store.read, material.pipeline, material.stage);
      return run === undefined ? [] : [run];
    }
    const newest = await store.read.modifications.newest(material.fingerprint);
    return git.poll(material, newest?.revision, signal);
  }

  #remember(fingerprint: string, message: string, error: unknown): void {
    const { clock, pollMs, health } = this.#options;
    if (this.#wanted?.has(fingerprint) === false) return;
    const count = (this.#failures.get(fingerprint)?.count ?? 0) + 1;
    const wait = backoffDelay(
      { firstMs: pollMs, factor: 1.5, maxMs: Math.max(pollMs, LONGEST_WAIT_MS) },
      count - 1,
    );
    this.#failures.set(fingerprint, {
      count,
      notBefore: clock.monotonic() + wait,
      silent: isSilence(error),
    });
    const detail = `${describeError(error)} ${pollRemedy(error)}`;
    health.report({ scope: scopeOf(fingerprint), level: 'error', message, detail });
  }
}

function scopeOf(fingerprint: string): string {
  return `material/${fingerprint}`;
}

/** For people (reference: server-config-api 3.2). */
export function describeMaterial(material: MaterialConfig): string {
  if (material.type === 'git') return `URL: ${material.url}, Branch: ${material.branch}`;
  return `${material.pipeline} [ ${material.stage} ]`;
}
