// How things are in one cluster now, for the decisions in domain/elastic-turn.ts.

import type { AgentRuntime } from '../../domain/agent-state.ts';
import type { ElasticAgentPolicy } from '../../domain/elastic-profile.ts';
import { takesRoom } from '../../domain/elastic-room.ts';
import type { Turn, TurnAgent, TurnJob } from '../../domain/elastic-turn-model.ts';
import type { ElasticAgentRecord } from '../../store/elastic-agent-repository.ts';
import type { JobRecord } from '../../store/job-record.ts';
import type { BrokerContext } from './broker-context.ts';
import type { ClusterBook } from './cluster-book.ts';

/** An agent that goes on with something after its job was taken back, or cannot say that it has stopped, is stopped then anyway. */
const DRAIN_MS = 600_000;

export function survey(context: BrokerContext, book: ClusterBook, clusterId: string, canAsk: boolean): Turn {
  const { scheduler, fleet, rests } = context;
  const now = scheduler.clock.now();
  const state = book.cluster(clusterId);
  const profiles = scheduler
    .config()
    .elasticProfiles.filter(({ clusterProfileId }) => clusterProfileId === clusterId);
  const ids = new Set(profiles.map(({ id }) => id));
  const jobs = scheduler.board
    .waiting()
    .filter(({ requirement }) => ids.has(requirement.elasticProfileId ?? ''));
  return {
    now,
    profiles: profiles.map(({ id, policy }) => ({
      id,
      policy,
      restUntil: rests.of(id)?.until ?? 0,
      beingStarted: state.beingStarted.has(id),
    })),
    agents: fleet
      .all()
      .filter((agent) => agent.clusterId === clusterId)
      .map((agent) => {
        const policy = profiles.find(({ id }) => id === agent.profileId)?.policy;
        return surveyAgent(context, book, { record: agent, policy }, now);
      }),
    jobs: jobs.map((job) => surveyJob(context, job)),
    asking: state.asking !== undefined || !canAsk,
    changed: state.changed,
  };
}

function surveyJob({ waits, assigner }: BrokerContext, job: JobRecord): TurnJob {
  const { view, requirement, attempt } = job;
  const wait = waits.get(view.jobId);
  return {
    jobId: view.jobId,
    profileId: requirement.elasticProfileId ?? '',
    ...(requirement.environment === undefined ? {} : { environment: requirement.environment }),
    waitingSince: view.transitions[0]?.at ?? view.scheduledAt,
    attempt,
    promised: assigner.grants.isPromised(view.jobId),
    ...(wait === undefined
      ? {}
      : {
          answer: {
            rests: wait.action === 'unanswered',
            holds: wait.action === 'hold',
            askAgainAt: wait.askAgainAt,
          },
        }),
  };
}

function surveyAgent(
  context: BrokerContext,
  book: ClusterBook,
  {
    record,
    policy,
  }: { readonly record: ElasticAgentRecord; readonly policy: ElasticAgentPolicy | undefined },
  now: number,
): TurnAgent {
  const { id, phase } = record;
  const live = liveOf(context, record);
  book.noteEnding(id, live.ending, now);
  const endingSince = book.endingSince(id);
  const isHere = phase === 'registered' && !live.lost;
  book.noteIdle(id, isHere && !live.busy, now);
  const idleSince = book.idleSince(id);
  const stopAt = phase === 'retiring' ? mayStopAt(book, record) : undefined;
  return {
    id,
    profileId: record.profileId,
    ...(record.environment === undefined ? {} : { environment: record.environment }),
    phase,
    available: isHere && !live.busy && !live.disabled && live.asking,
    busy: live.busy,
    stuck: endingSince !== undefined && now >= endingSince + DRAIN_MS,
    lost: phase === 'registered' && live.lost,
    disabled: live.disabled,
    ...startedFor(context, record),
    jobsGiven: record.jobsGiven,
    createdAt: record.createdAt,
    startBy: startBy(record, policy),
    takesRoom: policy === undefined || takesRoom(record, policy, now),
    ...(idleSince === undefined ? {} : { idleSince }),
    ...(stopAt === undefined ? {} : { stopAt }),
  };
}

/** However often a v5 plugin was asked again, and has got keys that are good for longer. */
function startBy(
  { agentId, createdAt, keyExpiresAt }: ElasticAgentRecord,
  policy: ElasticAgentPolicy | undefined,
): number {
  if (agentId !== undefined || policy === undefined) return keyExpiresAt;
  return Math.min(keyExpiresAt, createdAt + policy.startTimeoutMs);
}

interface Live {
  readonly busy: boolean;
  /** Busy with something that is no job of ours any more. */
  readonly ending: boolean;
  readonly lost: boolean;
  readonly disabled: boolean;
  readonly asking: boolean;
}

const NOBODY: Live = { busy: false, ending: false, lost: true, disabled: false, asking: false };

/** One of which nothing was heard since the server started may be busy with anything. */
const BUSY: readonly (AgentRuntime | undefined)[] = ['building', 'cancelled', 'missing'];

function liveOf({ scheduler, assigner }: BrokerContext, { uuid }: ElasticAgentRecord): Live {
  const live = uuid === undefined ? undefined : scheduler.registry.get(uuid);
  if (uuid === undefined || live === undefined) return NOBODY;
  const { runtime } = live;
  const hasJob = scheduler.board.onAgent(uuid) !== undefined;
  return {
    ending: !hasJob && (runtime === 'building' || runtime === 'cancelled'),
    busy: hasJob || assigner.grants.granted(uuid) !== undefined || BUSY.includes(runtime),
    lost: runtime === 'lost-contact',
    disabled: live.record.disabled,
    asking: assigner.grants.isAsking(uuid),
  };
}

function startedFor(
  { scheduler }: BrokerContext,
  { jobId }: ElasticAgentRecord,
): Pick<TurnAgent, 'startedFor'> {
  if (jobId === undefined) return {};
  return { startedFor: { jobId, waits: scheduler.board.byId(jobId)?.view.state === 'scheduled' } };
}

function mayStopAt(book: ClusterBook, { id }: ElasticAgentRecord): number | undefined {
  const stop = book.stop(id);
  if (stop.inFlight) return undefined;
  const endingSince = book.endingSince(id);
  return endingSince === undefined ? stop.notBefore : Math.max(stop.notBefore, endingSince + DRAIN_MS);
}
