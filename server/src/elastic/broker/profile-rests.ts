import { patience } from '../../domain/elastic-wait.ts';

export interface Rest {
  readonly until: number;
  readonly reason: string;
}

/** Profiles whose last agents failed to start: none is started for a growing time, until one registers. */
export class ProfileRests {
  readonly #rests = new Map<string, Rest & { readonly failures: number }>();

  of(profileId: string): Rest | undefined {
    return this.#rests.get(profileId);
  }

  /** Those that fail while none is started began together, and count once. */
  failed(profileId: string, why: string, now: number): void {
    const before = this.#rests.get(profileId);
    if (before !== undefined && before.failures > 0 && before.until > now) return;
    const failures = (before?.failures ?? 0) + 1;
    const times = failures === 1 ? 'the last agent' : `the last ${failures} agents`;
    const reason = `${times} did not start: ${why}`;
    this.#rests.set(profileId, { failures, reason, until: now + patience(failures) });
  }

  /** The plugin wants to be left alone. */
  rest(profileId: string, reason: string, until: number): void {
    const failures = this.#rests.get(profileId)?.failures ?? 0;
    this.#rests.set(profileId, { failures, reason, until });
  }

  succeeded(profileId: string): void {
    this.#rests.delete(profileId);
  }
}
