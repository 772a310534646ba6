import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BundleName,
  type LaunchControl,
  LaunchOutcome,
  type LaunchRequest,
} from '@go-agent/protocol/launch-contract';
import type { Clock, Logger } from '@go-agent/runtime';
import { endOrphan } from './agent/end-orphan.ts';
import { askOffers, offeredMd5 } from './bundle/ask-offers.ts';
import { launchAgent, type Offered, type PreparedAgent } from './launch-agent.ts';
import type { LaunchContext } from './launch-context.ts';
import { lockHome } from './lock/home-lock.ts';
import { RetryNote } from './retry-note.ts';
import { BundleServer } from './server/bundle-server.ts';
import { describeAgent } from './server/describe-agent.ts';
import { readTlsOptions } from './server/tls-options.ts';
import { forgetFailures } from './state/forget-failures.ts';
import type { LaunchState } from './state/launch-state.ts';
import { StateFile } from './state/state-file.ts';
import type { ReachStep } from './swap-step.ts';
import { TrustStore } from './trust/trust-store.ts';
import { updateAgent, updatePlugins } from './update-agent.ts';
import { updateLauncher } from './update-launcher.ts';

export interface LaunchTools {
  readonly clock: Clock;
  readonly log: Logger;
  /** For tests of each step. */
  readonly reached?: ReachStep;
}

/** One launch, in its order: lock, orphan, own version, agent's version, agent. Resolves to the launch's outcome. */
export async function launch(
  request: LaunchRequest,
  control: LaunchControl,
  { clock, log, reached = async () => undefined }: LaunchTools,
): Promise<number> {
  control.report({ phase: 'locking' });
  const result = await lockHome(request.home, clock, { signal: control.stop });
  if (result.type === 'held') {
    log.error(result.message);
    control.report({ phase: 'locking', detail: result.message });
    return LaunchOutcome.stop;
  }
  await using lock = result.lock;
  const stop = AbortSignal.any([control.stop, lock.lost]);
  control.report({ phase: 'checking' });
  await mkdir(join(request.home, 'data'), { recursive: true, mode: 0o700 });
  const state = await StateFile.open(request.home);
  await forgetFailures(request.home, state, log);
  // What it cannot read is no reason to launch nothing: the agent says the same, with an exit code that blames no version.
  const tls = () => readTlsOptions(request.settings);
  const server = new BundleServer(request.serverUrl, tls, clock, () =>
    describeAgent(request.home, state.state),
  );
  const trust = new TrustStore(request, server, clock);
  const retry = new RetryNote();
  const context = { request, control, clock, log, state, stop, server, trust, retry, reached };
  const outcome = await launchLocked(context);
  if (!lock.lost.aborted) return outcome;
  log.error({ err: lock.lost.reason }, 'The lock of the home folder was taken away: the agent was ended');
  return LaunchOutcome.relaunch;
}

async function launchLocked(context: LaunchContext): Promise<number> {
  const { request, clock, log, stop } = context;
  const orphan = await endOrphan(request.home, clock, stop);
  if (orphan !== 'none') log.warn({ how: orphan }, 'An agent without a bootstrapper was here, and is ended');
  await removeDownloads(request.home);
  const prepared = await prepare(context);
  if (prepared === 'replaced') return LaunchOutcome.replaced;
  if (stop.aborted) return LaunchOutcome.relaunch;
  await removeFetched(request.home, context.state.state);
  return await launchAgent(context, prepared);
}

async function prepare(context: LaunchContext): Promise<'replaced' | PreparedAgent> {
  const { request, server } = context;
  const offers = await askOffers(context, server);
  await context.reached('asked');
  if (await updateLauncher(context, server, offers.launcher)) return 'replaced';
  const agent = await updateAgent(context, server, offers.agent);
  const plugins = await updatePlugins(context, server, offers.plugins);
  const offered: Offered = {};
  const md5s = {
    launcher: offeredMd5(offers.launcher, request.launcherMd5),
    agent: offeredMd5(offers.agent, agent.md5),
    plugins: offeredMd5(offers.plugins, plugins),
  };
  for (const key of ['launcher', 'agent', 'plugins'] as const) {
    const md5 = md5s[key];
    if (md5 !== undefined) offered[key] = md5;
  }
  const serverIsSilent = offers.agent.type === 'unknown';
  if (plugins === undefined) return { agent, offered, serverIsSilent };
  return {
    agent,
    offered,
    serverIsSilent,
    pluginsFolder: join(request.home, 'data', BundleName.plugins, plugins),
  };
}

/** What a killed launcher had begun. */
async function removeDownloads(home: string): Promise<void> {
  const data = join(home, 'data');
  for (const name of await readdir(data)) {
    // Not every temporary file: the bootstrapper, which lives, writes its status here.
    if (name.endsWith('.download') || name.startsWith('state.json.'))
      await rm(join(data, name), { force: true });
  }
}

/** Downloads that are in place by now: whoever was to remove them was killed. */
async function removeFetched(home: string, { agent, plugins, launcher }: LaunchState): Promise<void> {
  const folder = join(home, 'data', 'downloads');
  const here = [agent.current, plugins.current, launcher.current].filter((md5) => md5 !== undefined);
  for (const name of await readdir(folder).catch(() => []))
    if (here.some((md5) => name.includes(md5))) await rm(join(folder, name), { force: true });
}
