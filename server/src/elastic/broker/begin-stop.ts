// Stops retiring agents, each where it is. Goes on in the background: nothing here waits for a plugin.

import { AppError, describeError } from '@go-agent/runtime/core';
import type { ClusterProfile } from '../../domain/elastic-profile.ts';
import { patience } from '../../domain/elastic-wait.ts';
import type { ElasticAgentRecord } from '../../store/elastic-agent-repository.ts';
import type { ElasticProvider } from '../provider.ts';
import type { BrokerContext } from './broker-context.ts';
import type { ClusterBook, StopState } from './cluster-book.ts';
import { clusterOf } from './elastic-shapes.ts';
import { reportGivenUp } from './given-up.ts';
import { stopMessage } from './stop-message.ts';

const PLUGIN_OWN_TIME_MS = 60_000;
const GIVEN_UP_MS = 600_000;
/** A place that the cluster has left and that refuses everything for so long will not come back. */
const FORMER_GIVEN_UP_MS = 3_600_000;
/** Where a cluster was before may be out of reach, and each try takes its time: the others need theirs. */
const FORMER_AT_ONCE = 4;
const FORMER_TURN_MS = 5000;

interface StopSituation {
  readonly context: BrokerContext;
  readonly book: ClusterBook;
  readonly cluster: ClusterProfile;
}

interface Stopping {
  readonly context: BrokerContext;
  readonly book: ClusterBook;
  readonly provider: ElasticProvider;
  readonly agent: ElasticAgentRecord;
  /** Where it is. */
  readonly cluster: ClusterProfile;
}

export function beginStop({ context, book, cluster: current }: StopSituation, id: number): void {
  const { scheduler, fleet, places } = context;
  const now = scheduler.clock.now();
  const stop = book.stop(id);
  const agent = fleet.get(id);
  if (agent === undefined) return;
  // The cluster may be another plugin's now: of that one it is none.
  const provider = context.providers.provider(agent.pluginId);
  const { cluster, isFormer } = places.of(agent) ?? { cluster: current, isFormer: false };
  if (provider === undefined || provider.unavailable !== undefined) {
    const { agentId, pluginId } = agent;
    scheduler.logger.warn(
      { agentId, pluginId, cluster: cluster.id },
      'An elastic agent cannot be stopped: its plugin is not there, or does not run',
    );
    stop.refusedSince = undefined;
    stop.notBefore = now + patience(++stop.failures);
    context.wake(cluster.id);
    return;
  }
  const isGuarded = isFormer && provider.stopsAgents;
  if (isGuarded && book.stopsAtFormer >= FORMER_AT_ONCE) {
    stop.notBefore = now + FORMER_TURN_MS;
    context.wake(cluster.id);
    return;
  }
  stop.inFlight = true;
  if (isGuarded) book.stopsAtFormer++;
  const stopping = { context, book, provider, agent, cluster };
  scheduler.background.run(`Stopping agent ${agent.agentId ?? agent.id}`, async () => {
    try {
      if (await isGone(stopping)) await forget(stopping);
      else stop.notBefore = scheduler.clock.now() + PLUGIN_OWN_TIME_MS;
    } catch (error) {
      if (isGuarded) await refusedAtFormer(stopping, stop, error);
      else {
        scheduler.logger.warn(
          { err: error, agent: agent.agentId },
          'An elastic agent could not be stopped; it is tried again',
        );
        stop.notBefore = scheduler.clock.now() + patience(++stop.failures);
      }
    } finally {
      stop.inFlight = false;
      if (isGuarded) book.stopsAtFormer--;
      context.wake(cluster.id, 'agents-changed');
    }
  });
}

async function isGone(stopping: Stopping): Promise<boolean> {
  const { context, provider, agent, cluster } = stopping;
  const { scheduler } = context;
  if (!provider.stopsAgents || agent.agentId === undefined) {
    const runtime = agent.uuid === undefined ? undefined : scheduler.registry.get(agent.uuid)?.runtime;
    const isSilent = runtime === undefined || runtime === 'lost-contact';
    return isSilent && scheduler.clock.now() > agent.keyExpiresAt + GIVEN_UP_MS;
  }
  await stopAt(stopping, cluster);
  return true;
}

async function stopAt({ context, provider, agent }: Stopping, cluster: ClusterProfile): Promise<void> {
  const { agentId = '', stopReason: reason = 'not-needed' } = agent;
  await provider.stopAgent({
    cluster: clusterOf(cluster, context.scheduler.secrets),
    agentId,
    reason,
    message: stopMessage(reason),
  });
}

async function forget({ context, book, agent }: Stopping): Promise<void> {
  await context.fleet.remove(agent.id);
  book.forgetAgent(agent.id);
}

/** If it is where the cluster is now after all, the next list shows it there, and it is stopped there. */
async function refusedAtFormer(stopping: Stopping, stop: StopState, error: unknown): Promise<void> {
  const { context, agent, cluster } = stopping;
  const { clock, logger } = context.scheduler;
  stop.notBefore = clock.now() + patience(++stop.failures);
  // That the plugin is in trouble says nothing of the place.
  const isAnswer =
    error instanceof AppError && (error.code === 'plugin-error' || error.code === 'secret-unreadable');
  if (!isAnswer) {
    stop.refusedSince = undefined;
    logger.warn(
      { err: error, agent: agent.agentId },
      'An elastic agent could not be stopped; it is tried again',
    );
    return;
  }
  if (stop.refusedSince === undefined) {
    stop.refusedSince = clock.monotonic();
    logger.warn(
      { err: error, agent: agent.agentId, cluster: cluster.id },
      'An elastic agent could not be stopped where its cluster was before its profile changed; it is tried again for an hour',
    );
  }
  if (await neverCame(stopping)) {
    logger.warn({ agent: agent.agentId }, 'An elastic agent that has never been seen is forgotten');
    await forget(stopping);
    return;
  }
  if (clock.monotonic() - stop.refusedSince < FORMER_GIVEN_UP_MS) return;
  reportGivenUp(context, context.fleet.get(agent.id) ?? agent, cluster, describeError(error));
  await forget(stopping);
}

/**
 * A cluster profile with a mistake in it: no agent comes up, none can be stopped, and then the profile is mended. Where it points to
 * now, there is none either.
 */
async function neverCame(stopping: Stopping): Promise<boolean> {
  const { context, agent } = stopping;
  const { places, scheduler, fleet } = context;
  // It may register while its plugin tries to stop it.
  const hasCome = () => places.hasCome(fleet.get(agent.id) ?? agent);
  const now = places.now(agent);
  const isOver = agent.stopReason === 'never-registered' || scheduler.clock.now() > agent.keyExpiresAt;
  if (now === undefined || !isOver || hasCome()) return false;
  return stopAt(stopping, now).then(
    () => !hasCome(),
    () => false,
  );
}
