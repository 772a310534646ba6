import { isMd5 } from '../state/launch-state.ts';

/** What a server says about one bundle. */
export type Offer =
  | { readonly type: 'offered'; readonly md5: string }
  /** This server has none, as a stock GoCD server. */
  | { readonly type: 'none' }
  /** Down, starting or overloaded: no verdict. */
  | { readonly type: 'unknown'; readonly reason: string };

export interface BundleAnswer {
  readonly status: number;
  readonly md5: string | undefined;
}

/**
 * Reads the answer to a HEAD request for a bundle. A stock server knows no such path: it may answer with 404, or with a
 * redirect to its login page.
 */
export function readOffer({ status, md5 }: BundleAnswer): Offer {
  const digest = md5?.trim().toLowerCase();
  if (status === 200 && isMd5(digest)) return { type: 'offered', md5: digest };
  if (status === 408 || status === 429 || status >= 500)
    return { type: 'unknown', reason: `it answered ${status}` };
  return { type: 'none' };
}
