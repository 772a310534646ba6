import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleName } from '@go-agent/protocol/launch-contract';
import { AppError, describeError } from '@go-agent/runtime';
import type { LaunchContext } from '../launch-context.ts';
import type { BundleServer } from '../server/bundle-server.ts';
import type { Offer } from '../server/read-offer.ts';
import { stateKeys } from '../state/launch-state.ts';
import { decideOffer, REFUSED_MS } from './decide-offer.ts';
import { downloadBundle, type ExpectedBundle } from './download.ts';

/** When an offer is looked at again that no signature vouches for: the server's metadata may have been put right. */
const UNTRUSTED_MS = 3_600_000;
/** The same if the metadata could not be fetched. */
const UNKNOWN_MS = 60_000;

export interface FetchOffer {
  readonly name: BundleName;
  readonly offer: Offer;
  readonly server: BundleServer;
  /** What runs now, or would run. */
  readonly current: string | undefined;
  readonly present: ReadonlySet<string>;
  /** Puts a downloaded zip of this MD5 in its place, or throws AppError launcher-bundle-refused. */
  readonly install: (zip: string, md5: string) => Promise<unknown>;
}

/**
 * Does what {@link decideOffer} says. Resolves to the MD5 of what is to run from now on, which is here by then; undefined
 * if nothing changes. What the server sends cannot make this fail: an offer that cannot be used is remembered as refused.
 */
export async function fetchOffer(context: LaunchContext, fetch: FetchOffer): Promise<string | undefined> {
  const { state, clock, log } = context;
  const { name, offer, current, present } = fetch;
  const key = stateKeys[name];
  const decision = decideOffer({
    offer,
    current,
    present,
    refused: state.state[key].refused,
    quarantined: state.state[key].quarantined ?? [],
    now: clock.now(),
  });
  switch (decision.type) {
    case 'keep':
      return undefined;
    case 'still-refused':
      log.warn(
        { bundle: name, ...decision.refusal },
        `The server still offers a bundle ${name} that was refused, or has failed`,
      );
      return undefined;
    case 'switch':
      // What the bootstrapper carries was brought by the operator's own hand.
      if (
        decision.md5 !== state.state[key].carriedMd5 &&
        (await vouchedFor(context, name, decision.md5)) === undefined
      )
        return undefined;
      log.info({ bundle: name, md5: decision.md5 }, `Changing to a bundle ${name} that is here already`);
      break;
    case 'download':
      if (!(await download(context, fetch, decision.md5))) return undefined;
      break;
    default:
      return decision satisfies never;
  }
  await state.update(key, { current: decision.md5, refused: undefined });
  await context.reached('current');
  return decision.md5;
}

/** What is signed for a bundle of this MD5; undefined, and noted, if it may not run. */
async function vouchedFor(
  context: LaunchContext,
  name: BundleName,
  md5: string,
): Promise<ExpectedBundle | undefined> {
  const { trust, retry, state, clock, log, stop } = context;
  const verdict = await trust.judge(name, md5, stop);
  switch (verdict.type) {
    case 'trusted':
      return { name, md5, sha256: verdict.sha256, length: verdict.length };
    case 'unknown':
      if (stop.aborted) return undefined;
      log.warn(
        { bundle: name, md5, reason: verdict.reason },
        `Whether a new bundle ${name} may run cannot be found out now: what is here runs`,
      );
      retry.note(clock.now() + UNKNOWN_MS);
      return undefined;
    case 'refused': {
      const { reason } = verdict;
      log.error(
        { bundle: name, md5, reason },
        `A new bundle ${name} is not trusted: what is here runs (docs/releases.md)`,
      );
      await state.update(stateKeys[name], {
        refused: { md5, reason: `It is not trusted: ${reason}`, at: clock.now() },
      });
      retry.note(clock.now() + UNTRUSTED_MS);
      return undefined;
    }
    default:
      return verdict satisfies never;
  }
}

async function download(
  context: LaunchContext,
  { name, server, install }: FetchOffer,
  md5: string,
): Promise<boolean> {
  const { request, control, clock, log, state, stop, retry } = context;
  const expected = await vouchedFor(context, name, md5);
  if (expected === undefined) return false;
  const folder = join(request.home, 'data', 'downloads');
  const started = clock.monotonic();
  control.report({ phase: 'downloading', detail: name });
  try {
    const result = await downloadBundle({ server, expected, folder, clock, signal: stop });
    if (result.type === 'busy') {
      log.info(
        { bundle: name, md5, retryMs: result.retryMs },
        `The server is busy with other agents: bundle ${name} later`,
      );
      retry.note(clock.now() + result.retryMs);
      return false;
    }
    try {
      await context.reached('downloaded');
      await install(result.file, md5);
      await context.reached('in-place');
    } finally {
      await rm(result.file, { force: true });
    }
    log.info(
      { bundle: name, md5, tookMs: Math.round(clock.monotonic() - started) },
      `A new bundle ${name} is in place`,
    );
    return true;
  } catch (error) {
    if (stop.aborted) return false;
    const code = error instanceof AppError ? error.code : undefined;
    log.error({ bundle: name, md5, err: error }, `A new bundle ${name} cannot be used; what runs goes on`);
    // A disk that fails is no fault of the offer.
    if (code !== undefined) {
      await state.update(stateKeys[name], {
        refused: { md5, reason: describeError(error), at: clock.now() },
      });
    }
    // What came and is no bundle to run will not be one later.
    if (code !== 'launcher-bundle-refused') retry.note(clock.now() + REFUSED_MS);
    return false;
  }
}
