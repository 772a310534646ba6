import type { Reached } from './probes/server-probe.ts';

/** Why a step on the way to the server could not be looked at, for those that come after it. */
export function describeReached(reached: Exclude<Reached<unknown>, { readonly type: 'reached' }>): string {
  switch (reached.type) {
    case 'no-server':
      return 'no server is known';
    case 'blocked':
      return `the way to the server ends before: see the check ${reached.by}`;
    case 'failed':
      return `the server did not answer: ${reached.message}`;
    default:
      return reached satisfies never;
  }
}
