import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleName } from '@go-agent/protocol/launch-contract';
import { AppError, describeError } from '@go-agent/runtime';
import type { LaunchContext } from '../launch-context.ts';
import type { BundleServer } from '../server/bundle-server.ts';
import type { Offer } from '../server/read-offer.ts';
import { stateKeys } from '../state/launch-state.ts';
import { decideOffer } from './decide-offer.ts';
import { downloadBundle } from './download.ts';

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
    now: clock.now(),
  });
  switch (decision.type) {
    case 'keep':
      return undefined;
    case 'still-refused':
      log.warn(
        { bundle: name, ...decision.refusal },
        `The server still offers a bundle ${name} that was refused`,
      );
      return undefined;
    case 'switch':
      log.info({ bundle: name, md5: decision.md5 }, `Changing to a bundle ${name} that is here already`);
      break;
    case 'download':
      if (!(await download(context, fetch, decision.md5))) return undefined;
      break;
    default:
      return decision satisfies never;
  }
  await state.update(key, { current: decision.md5, refused: undefined });
  return decision.md5;
}

async function download(
  context: LaunchContext,
  { name, server, install }: FetchOffer,
  md5: string,
): Promise<boolean> {
  const { request, control, clock, log, state, stop } = context;
  const file = join(request.home, 'data', `${randomUUID()}.download`);
  const started = clock.monotonic();
  control.report({ phase: 'downloading', detail: name });
  try {
    await downloadBundle({ server, name, md5, file, clock, signal: stop });
    await install(file, md5);
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
    return false;
  } finally {
    await rm(file, { force: true });
  }
}
