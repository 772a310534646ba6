// Which jobs come when on the day that is played: few at night, bursts in the morning and after lunch. Pure.

export interface PlannedJob {
  /** Minutes since midnight. */
  readonly minute: number;
  readonly jobId: number;
  readonly environment?: string;
  /** Minutes of work. */
  readonly minutes: number;
  readonly fate: 'passed' | 'failed' | 'cancelled-waiting' | 'cancelled-running' | 'lost';
}

export const MINUTES_A_DAY = 24 * 60;
/** Hours with a multiple of a usual hour's jobs. */
const BUSY: Readonly<Record<number, number>> = { 9: 4, 10: 3, 11: 2, 13: 2, 14: 4, 15: 2, 16: 2, 17: 1 };

/** @param random numbers in [0, 1), such as of {@link seeded} */
export function planDay(jobs: number, random: () => number): readonly PlannedJob[] {
  const weights = Array.from({ length: 24 }, (_, hour) => BUSY[hour] ?? 0.2);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const planned = Array.from({ length: jobs }, (_, index): PlannedJob => {
    let point = random() * total;
    const hour = weights.findIndex((weight) => (point -= weight) < 0);
    const minute = Math.max(0, hour) * 60 + Math.floor(random() * 60);
    const fate = fates(random());
    return {
      minute,
      jobId: 1000 + index,
      ...(random() < 0.25 ? { environment: 'prod' } : {}),
      minutes: 1 + Math.floor(random() * 25),
      fate,
    };
  });
  return planned.toSorted((a, b) => a.minute - b.minute);
}

function fates(draw: number): PlannedJob['fate'] {
  if (draw < 0.7) return 'passed';
  if (draw < 0.82) return 'failed';
  if (draw < 0.9) return 'cancelled-waiting';
  return draw < 0.96 ? 'cancelled-running' : 'lost';
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
