import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A version that failed its probation, and is not tried again. */
export interface FailedVersion {
  readonly bundle: 'launcher' | 'agent';
  readonly md5: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
}

/** The latest failure of each bundle, from `data/state.json`; none if there is no such file, or it is damaged. */
export function failedVersions(home: string): FailedVersion[] {
  return (['launcher', 'agent'] as const).flatMap((bundle) => {
    try {
      const text = readFileSync(join(home, 'data', 'state.json'), 'utf8');
      const state = JSON.parse(text) as Record<string, { quarantined?: Failure[] } | undefined>;
      const last = state[bundle]?.quarantined?.at(-1);
      if (last === undefined) return [];
      return [{ bundle, md5: last.md5, reason: last.reason, at: new Date(last.at).toISOString() }];
    } catch {
      return [];
    }
  });
}

interface Failure {
  readonly md5: string;
  readonly reason: string;
  readonly at: number;
}
