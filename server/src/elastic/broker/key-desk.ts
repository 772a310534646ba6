// Registration keys: one for each agent that is started, good for one registration, kept as a hash. Here limits are enforced.

import { createHash } from 'node:crypto';
import type { CreateRegistrationKeyParams, CreateRegistrationKeyResult } from '@go-agent/protocol/elastic';
import type { ClusterProfile } from '../../domain/elastic-profile.ts';
import { takesRoom } from '../../domain/elastic-room.ts';
import { makeKey } from '../../security/make-key.ts';
import type { ElasticAgentRecord } from '../../store/elastic-agent-repository.ts';
import type { BrokerContext } from './broker-context.ts';

const AGENT_ID = /^[\w.-]{1,255}$/;
const SOON_MS = 5000;
const LATER_MS = 30_000;
const LONG_MS = 600_000;

type Refused = Extract<CreateRegistrationKeyResult, { readonly type: 'refused' }>;

/** `agentId` is absent where the plugin chooses it later (v5). */
export type KeyWish = Omit<CreateRegistrationKeyParams, 'agentId'> & { readonly agentId?: string };

/** @param askedAs the cluster as it was told to the plugin that wants the key, if that is known */
export async function createRegistrationKey(
  context: BrokerContext,
  pluginId: string,
  wish: KeyWish,
  askedAs?: ClusterProfile,
): Promise<CreateRegistrationKeyResult> {
  const { fleet, scheduler } = context;
  const { clusterId, profileId, agentId, jobId } = wish;
  const model = scheduler.config();
  const cluster = model.clusterProfiles.find(
    (known) => known.id === clusterId && known.pluginId === pluginId,
  );
  const profile = model.elasticProfiles.find(
    (known) => known.id === profileId && known.clusterProfileId === clusterId,
  );
  if (cluster === undefined || profile === undefined)
    return refused(`There is no profile '${profileId}' in a cluster '${clusterId}' of this plugin`, LONG_MS);
  if (agentId !== undefined && !AGENT_ID.test(agentId))
    return refused(
      'The agent id has other characters than letters, digits, dots, hyphens, underscores',
      LONG_MS,
    );
  const job = jobId === undefined ? undefined : scheduler.board.byId(jobId);
  const environment = job?.requirement.environment;
  const key = makeKey();
  const createdAt = scheduler.clock.now();
  const keyExpiresAt = createdAt + profile.policy.startTimeoutMs;
  const made =
    (await addKey(context, wish, { hash: keyHash(key), expiresAt: keyExpiresAt })) ??
    (await fleet.add(
      {
        pluginId,
        ...(agentId === undefined ? {} : { agentId }),
        clusterId,
        cluster,
        profileId,
        ...(jobId === undefined ? {} : { jobId }),
        ...(environment === undefined ? {} : { environment }),
        keyHash: keyHash(key),
        keyExpiresAt,
        phase: 'starting',
        jobsGiven: 0,
        createdAt,
      },
      () => outdated(context, wish, askedAs, cluster) ?? refusal(context, wish),
      () => refused(`There is or was an agent with the id '${agentId}'`, SOON_MS),
    ));
  if ('type' in made) return made;
  return created(context, { key, pluginId, cluster, environment, agentId, expiresAt: keyExpiresAt });
}

/** To the agent that a v5 plugin was asked for before. Undefined: there is none. */
async function addKey(
  context: BrokerContext,
  { agentId, jobId, profileId }: KeyWish,
  { hash, expiresAt }: { readonly hash: string; readonly expiresAt: number },
): Promise<ElasticAgentRecord | Refused | undefined> {
  const { fleet } = context;
  const isAwaited = (agent: ElasticAgentRecord) => agent.jobId === jobId && agent.phase === 'starting';
  const before = agentId === undefined ? fleet.all().find(isAwaited) : undefined;
  if (before === undefined) return undefined;
  const resting = restRefusal(context, profileId);
  if (resting !== undefined) return resting;
  return (await fleet.addKey(before.id, hash, expiresAt)) ? before : undefined;
}

function created(
  { serverUrl }: BrokerContext,
  made: {
    readonly key: string;
    readonly pluginId: string;
    readonly cluster: ClusterProfile;
    readonly environment: string | undefined;
    readonly agentId: string | undefined;
    readonly expiresAt: number;
  },
): CreateRegistrationKeyResult {
  const { key, pluginId, cluster, environment = '', agentId = '', expiresAt } = made;
  const url = cluster.properties.find(
    (property) => property.key === 'go_server_url' && !property.secure,
  )?.value;
  return {
    type: 'created',
    key,
    expiresAt,
    serverUrl: url ?? serverUrl,
    ...(environment === '' ? {} : { environment }),
    autoRegisterProperties: withoutBlanks({
      'agent.auto.register.key': key,
      'agent.auto.register.environments': environment,
      'agent.auto.register.elasticAgent.agentId': agentId,
      'agent.auto.register.elasticAgent.pluginId': pluginId,
    }),
    environmentVariables: withoutBlanks({
      GO_EA_SERVER_URL: url ?? serverUrl,
      GO_EA_AUTO_REGISTER_KEY: key,
      GO_EA_AUTO_REGISTER_ENVIRONMENT: environment,
      GO_EA_AUTO_REGISTER_ELASTIC_AGENT_ID: agentId,
      GO_EA_AUTO_REGISTER_ELASTIC_PLUGIN_ID: pluginId,
    }),
  };
}

export function keyHash(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** The agent would be made where the cluster was, and looked for where it is now. */
function outdated(
  { places }: BrokerContext,
  { agentId, clusterId }: KeyWish,
  askedAs: ClusterProfile | undefined,
  now: ClusterProfile,
): Refused | undefined {
  // A v5 plugin names no agent; nobody looks for its agents.
  if (agentId === undefined || askedAs === undefined || places.isSame(askedAs, now)) return undefined;
  return refused(`The cluster profile '${clusterId}' has changed meanwhile`, SOON_MS);
}

function refusal(context: BrokerContext, { profileId, jobId }: KeyWish): Refused | undefined {
  const { fleet, scheduler } = context;
  const now = scheduler.clock.now();
  const profile = scheduler.config().elasticProfiles.find(({ id }) => id === profileId);
  if (profile === undefined) return refused(`Profile '${profileId}' is gone`, LONG_MS);
  if (jobId !== undefined) {
    const job = scheduler.board.byId(jobId);
    if (job?.view.state !== 'scheduled' || job.requirement.elasticProfileId !== profileId)
      return refused(`Job ${jobId} does not wait for an agent of profile '${profileId}' any more`, LATER_MS);
    const other = fleet.all().find((agent) => agent.jobId === jobId && agent.phase === 'starting');
    if (other !== undefined)
      return refused(`${nameOf(other)} is being started for this job already`, LATER_MS);
  }
  const resting = restRefusal(context, profileId);
  if (resting !== undefined) return resting;
  const { maxAgents } = profile.policy;
  const count = fleet
    .all()
    .filter((agent) => agent.profileId === profileId && takesRoom(agent, profile.policy, now)).length;
  if (maxAgents !== undefined && count >= maxAgents)
    return refused(
      `All ${maxAgents} agents that profile '${profileId}' may have (max_agents) are there`,
      LATER_MS,
    );
  return undefined;
}

function restRefusal({ rests, scheduler }: BrokerContext, profileId: string): Refused | undefined {
  const rest = rests.of(profileId);
  const leftMs = (rest?.until ?? 0) - scheduler.clock.now();
  if (rest === undefined || leftMs <= 0) return undefined;
  return refused(`No agent is started just now: ${rest.reason}`, leftMs);
}

function nameOf({ agentId, id }: ElasticAgentRecord): string {
  return agentId === undefined ? `An agent (no. ${id})` : `Agent ${agentId}`;
}

function refused(reason: string, askAgainMs: number): Refused {
  return { type: 'refused', reason, askAgainMs };
}

function withoutBlanks(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}
