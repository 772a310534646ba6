import { BundleName } from '@go-agent/protocol/launch-contract';
import { AppError, hashFile } from '@go-agent/runtime';
import { runOrder } from './bundle/decide-offer.ts';
import { fetchOffer } from './bundle/fetch-offer.ts';
import { type InstalledVersion, InstalledVersions } from './bundle/installed-versions.ts';
import type { LaunchContext } from './launch-context.ts';
import { pluginsInUse } from './plugins-in-use.ts';
import type { BundleServer } from './server/bundle-server.ts';
import type { Offer } from './server/read-offer.ts';
import { isQuarantined } from './state/version-history.ts';

/**
 * Brings the agent to the version that the server offers, if it offers a good one, and finds what is to run.
 * @throws AppError launcher-no-agent if no version at all is whole
 */
export async function updateAgent(
  context: LaunchContext,
  server: BundleServer,
  offer: Offer,
): Promise<InstalledVersion> {
  const { request, state, log } = context;
  const versions = new InstalledVersions(request.home, BundleName.agent);
  const carriedMd5 = await hashFile(request.carried.agent, 'md5');
  if (state.state.agent.carriedMd5 !== carriedMd5) {
    // A bootstrapper that was upgraded by hand brings what the operator wants to run, unless that has failed here.
    const isBad = isQuarantined(state.state.agent, carriedMd5);
    await state.update('agent', isBad ? { carriedMd5 } : { carriedMd5, current: carriedMd5 });
  }
  const present = new Set<string>([carriedMd5]);
  if (offer.type === 'offered' && (await versions.find(offer.md5)) !== undefined) present.add(offer.md5);
  await fetchOffer(context, {
    name: BundleName.agent,
    offer,
    server,
    current: state.state.agent.current,
    present,
    install: (zip, md5) => versions.install(zip, md5, context.reached),
  });
  const { current, lastGood } = state.state.agent;
  const isBad = (md5: string) => isQuarantined(state.state.agent, md5);
  const order = runOrder([current, lastGood, carriedMd5]);
  // One that has failed is better than none.
  for (const md5 of [...order.filter((one) => !isBad(one)), ...order.filter(isBad)]) {
    const found =
      md5 === carriedMd5 ? await versions.installCarried(request.carried.agent) : await versions.find(md5);
    if (found !== undefined) {
      const removed = await versions.prune([found.md5, current, lastGood]);
      if (removed.length > 0) log.info({ removed }, 'Removed old versions of the agent');
      await context.reached('pruned');
      return found;
    }
    log.warn({ md5 }, `Agent ${md5} is damaged or missing: trying another version`);
  }
  throw new AppError('launcher-no-agent', `No version of the agent in ${request.home}/data/agent is whole`);
}

/** The same for the agents' plugins, which may well be absent. Resolves to the MD5 of those to use. */
export async function updatePlugins(
  context: LaunchContext,
  server: BundleServer,
  offer: Offer,
): Promise<string | undefined> {
  const { request, state } = context;
  const versions = new InstalledVersions(request.home, BundleName.plugins);
  const present = new Set<string>();
  if (offer.type === 'offered' && (await versions.find(offer.md5)) !== undefined) present.add(offer.md5);
  await fetchOffer(context, {
    name: BundleName.plugins,
    offer,
    server,
    current: state.state.plugins.current,
    present,
    install: (zip, md5) => versions.install(zip, md5),
  });
  const { current } = state.state.plugins;
  await versions.prune([current, ...(await pluginsInUse(request.home))]);
  return current;
}
