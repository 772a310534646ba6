import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LAUNCH_CONTRACT, type LaunchRequest } from '@go-agent/protocol/launch-contract';
import { createLogger, systemClock } from '@go-agent/runtime';
import { askOffers } from '../bundle/ask-offers.ts';
import type { LaunchContext } from '../launch-context.ts';
import { RetryNote } from '../retry-note.ts';
import { BundleServer } from '../server/bundle-server.ts';
import { StateFile } from '../state/state-file.ts';
import { TrustStore } from '../trust/trust-store.ts';
import { updateAgent, updatePlugins } from '../update-agent.ts';
import { updateLauncher } from '../update-launcher.ts';

export type UpgradeCheck = Pick<LaunchRequest, 'home' | 'serverUrl' | 'carried' | 'launcherMd5'> & {
  readonly trustRoot: string;
};

export interface UpgradeOutcome {
  /** A new launcher is in place. */
  readonly replaced: boolean;
  /** MD5 of the agent that would run now. */
  readonly agent: string | undefined;
  readonly plugins: string | undefined;
  /** Ms since the epoch. */
  readonly retryAt: number | undefined;
}

/** What a launch does before it starts an agent, without the lock and without the agent. */
export async function checkForUpgrades(check: UpgradeCheck): Promise<UpgradeOutcome> {
  const { home, serverUrl } = check;
  await mkdir(join(home, 'data'), { recursive: true });
  const server = new BundleServer(serverUrl, async () => ({}), systemClock);
  const request: LaunchRequest = {
    contract: LAUNCH_CONTRACT,
    settings: {},
    runtime: [],
    bootstrapperVersion: '1',
    ...check,
  };
  const context: LaunchContext = {
    request,
    control: { stop: new AbortController().signal, report: () => undefined },
    clock: systemClock,
    log: createLogger({ file: join(home, 'check.log'), name: 'check', level: 'silent' }),
    state: await StateFile.open(home),
    stop: new AbortController().signal,
    server,
    trust: new TrustStore(request, server, systemClock),
    retry: new RetryNote(),
    reached: async () => undefined,
  };
  const offers = await askOffers(context, server);
  if (await updateLauncher(context, server, offers.launcher))
    return { replaced: true, agent: undefined, plugins: undefined, retryAt: context.retry.at };
  const agent = await updateAgent(context, server, offers.agent);
  const plugins = await updatePlugins(context, server, offers.plugins);
  return { replaced: false, agent: agent.md5, plugins, retryAt: context.retry.at };
}
