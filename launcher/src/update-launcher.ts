import { BundleName } from '@go-agent/protocol/launch-contract';
import { hashFile } from '@go-agent/runtime';
import { fetchOffer } from './bundle/fetch-offer.ts';
import { LauncherStore } from './bundle/launcher-store.ts';
import type { LaunchContext } from './launch-context.ts';
import { giveUpLoops, noteFailedLaunchers } from './probation/version-trial.ts';
import type { BundleServer } from './server/bundle-server.ts';
import type { Offer } from './server/read-offer.ts';

/** Resolves to true if another launcher is in place, and this one has to make way for it. */
export async function updateLauncher(
  context: LaunchContext,
  server: BundleServer,
  offer: Offer,
): Promise<boolean> {
  const { request, state } = context;
  const store = new LauncherStore(request.home);
  const carriedMd5 = await hashFile(request.carried.launcher, 'md5');
  // What runs is what the bootstrapper chose: whatever the file said, this is the truth now.
  await state.update('launcher', { carriedMd5, current: request.launcherMd5 });
  if (await giveUpLoops(context)) return true;
  await noteFailedLaunchers(context, offer.type !== 'unknown');
  const present = new Set([request.launcherMd5, carriedMd5]);
  if (offer.type === 'offered' && (await store.has(offer.md5))) present.add(offer.md5);
  const next = await fetchOffer(context, {
    name: BundleName.launcher,
    offer,
    server,
    current: request.launcherMd5,
    present,
    install: (zip, md5) => store.add(zip, md5),
  });
  if (next !== undefined) return true;
  await store.prune([request.launcherMd5, state.state.launcher.lastGood]);
  return false;
}
