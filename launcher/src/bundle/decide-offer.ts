import type { Offer } from '../server/read-offer.ts';
import type { Refusal } from '../state/launch-state.ts';

/** How long an offer that could not be used is left alone, unless the server offers another. */
export const REFUSED_MS = 600_000;

export interface OfferSituation {
  readonly offer: Offer;
  /** What runs now, or would run. */
  readonly current: string | undefined;
  /** Versions that are here, whole. */
  readonly present: ReadonlySet<string>;
  readonly refused: Refusal | undefined;
  /** Versions that were tried, and failed. */
  readonly quarantined?: readonly Refusal[];
  /** Ms since the epoch. */
  readonly now: number;
}

export type OfferDecision =
  | { readonly type: 'keep' }
  | { readonly type: 'still-refused'; readonly refusal: Refusal }
  /** It is here already. */
  | { readonly type: 'switch'; readonly md5: string }
  | { readonly type: 'download'; readonly md5: string };

/** What to do about what the server offers of one bundle. */
export function decideOffer(situation: OfferSituation): OfferDecision {
  const { offer, current, present, refused, quarantined = [], now } = situation;
  if (offer.type !== 'offered') return { type: 'keep' };
  const { md5 } = offer;
  const failed = quarantined.find((one) => one.md5 === md5);
  if (failed !== undefined) return { type: 'still-refused', refusal: failed };
  if (present.has(md5)) return md5 === current ? { type: 'keep' } : { type: 'switch', md5 };
  // A clock that was set back must not make a refusal last for years.
  if (refused?.md5 === md5 && Math.abs(now - refused.at) < REFUSED_MS)
    return { type: 'still-refused', refusal: refused };
  return { type: 'download', md5 };
}

/** MD5s of the bundles to try to run, best first, without one that is there twice. */
export function runOrder(versions: readonly (string | undefined)[]): string[] {
  return [...new Set(versions.filter((md5) => md5 !== undefined))];
}
