import type { BundleState, Probation } from './launch-state.ts';

/** So many failed versions are remembered; a server that offers more of them has other troubles. */
const REMEMBERED = 20;
const MAX_REASON = 300;

/** What one bundle's state becomes; a field given as undefined goes. */
export type BundleChange = { readonly [Field in keyof BundleState]: BundleState[Field] | undefined };

export function isQuarantined({ quarantined = [] }: BundleState, md5: string): boolean {
  return quarantined.some((one) => one.md5 === md5);
}

/** The version to go back to if this one fails; undefined if there is no other. */
export function comeBackTo(state: BundleState, failing: string): string | undefined {
  const others = [state.lastGood, state.carriedMd5].filter((md5) => md5 !== undefined && md5 !== failing);
  return others.find((md5) => md5 !== undefined && !isQuarantined(state, md5));
}

/** Whether this version has yet to prove itself, and can fail in that. */
export function isOnTrial(state: BundleState, md5: string): boolean {
  return md5 !== state.lastGood && comeBackTo(state, md5) !== undefined;
}

/** One more launch of a version on trial. */
export function countLaunch({ probation }: BundleState, md5: string, now: number): Probation {
  if (probation?.md5 !== md5) return { md5, since: now, launches: 1 };
  return { ...probation, launches: probation.launches + 1 };
}

/** The version has failed for good: the one to come back to is current again. */
export function quarantine(state: BundleState, md5: string, reason: string, now: number): BundleChange {
  const others = (state.quarantined ?? []).filter((one) => one.md5 !== md5);
  const next = [...others, { md5, reason: reason.slice(0, MAX_REASON), at: now }].slice(-REMEMBERED);
  const current = state.current === md5 ? comeBackTo(state, md5) : state.current;
  return { quarantined: next, probation: undefined, current };
}
