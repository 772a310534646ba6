// Where jobs for elastic agents belong. Their profile, or its cluster, may be removed while they run: then as it was.

import type { ElasticCluster } from '@go-agent/protocol/elastic';
import {
  type ClusterProfile,
  DEFAULT_POLICY,
  type ElasticAgentProfile,
} from '../../domain/elastic-profile.ts';
import type { JobRecord } from '../../store/job-record.ts';
import type { BrokerContext } from './broker-context.ts';
import { clusterOf } from './elastic-shapes.ts';

export interface JobHome {
  readonly cluster: ClusterProfile;
  readonly profile: ElasticAgentProfile;
}

export class JobHomes {
  readonly #context: BrokerContext;
  /** By the id of the profile: as it was last configured. */
  readonly #last = new Map<string, JobHome>();

  constructor(context: BrokerContext) {
    this.#context = context;
  }

  /** Undefined: its profile is gone, and nothing is left of it. To be asked for whatever becomes of the job, so that it is known at its end. */
  of({ requirement, view }: JobRecord): JobHome | undefined {
    const { scheduler, fleet } = this.#context;
    const { elasticProfiles, clusterProfiles } = scheduler.config();
    const { elasticProfileId: id = '' } = requirement;
    const profile = elasticProfiles.find((known) => known.id === id);
    const cluster = clusterProfiles.find((known) => known.id === profile?.clusterProfileId);
    if (profile !== undefined && cluster !== undefined) {
      const home = { cluster, profile };
      this.#last.set(id, home);
      return home;
    }
    const last = this.#last.get(id);
    const agent = view.agentUuid === undefined ? undefined : fleet.byUuid(view.agentUuid);
    if (last !== undefined || agent?.cluster === undefined) return last;
    const rest = { properties: [], policy: DEFAULT_POLICY, claims: [] };
    return { cluster: agent.cluster, profile: { id, clusterProfileId: agent.clusterId, ...rest } };
  }

  /** The cluster in which the agent of the job is. Undefined: it is not known, or cannot be read. */
  clusterOfAgent(uuid: string): ElasticCluster | undefined {
    const { fleet, places, scheduler } = this.#context;
    const agent = fleet.byUuid(uuid);
    const place = agent === undefined ? undefined : places.of(agent)?.cluster;
    try {
      return place === undefined ? undefined : clusterOf(place, scheduler.secrets);
    } catch {
      return undefined;
    }
  }
}
