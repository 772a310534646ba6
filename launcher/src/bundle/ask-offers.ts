import { BundleName } from '@go-agent/protocol/launch-contract';
import type { LaunchContext } from '../launch-context.ts';
import type { BundleServer } from '../server/bundle-server.ts';
import type { Offer } from '../server/read-offer.ts';
import type { StateKey } from '../state/launch-state.ts';

export type Offers = Readonly<Record<StateKey, Offer>>;

/** Asks for all bundles at once, so that a server that hangs costs its time once. */
export async function askOffers(
  { log, stop, request }: LaunchContext,
  server: BundleServer,
): Promise<Offers> {
  const [launcher, agent, plugins] = await Promise.all([
    server.offer(BundleName.launcher, stop),
    server.offer(BundleName.agent, stop),
    server.offer(BundleName.plugins, stop),
  ]);
  if (launcher.type === 'none' && agent.type === 'none') {
    log.info(`${request.serverUrl} offers no bundles for this agent: what is here runs until it does`);
  } else if (agent.type === 'unknown') {
    log.warn(
      { reason: agent.reason },
      `${request.serverUrl} cannot be asked for new versions: what is here runs`,
    );
  }
  return { launcher, agent, plugins };
}

/** What the agent compares later offers with: a server that could not be asked counts as offering what runs. */
export function offeredMd5(offer: Offer, running: string | undefined): string | undefined {
  if (offer.type === 'offered') return offer.md5;
  return offer.type === 'unknown' ? running : undefined;
}
