// The store as the rest of the server sees it, whatever engine is under it.

import type { Kysely } from 'kysely';
import { AgentRepository } from './agent-repository.ts';
import { ElasticAgentRepository } from './elastic-agent-repository.ts';
import { ElasticProfileRepository } from './elastic-profile-repository.ts';
import { InstanceRepository } from './instance-repository.ts';
import { JobRepository } from './job-repository.ts';
import { ModificationRepository } from './modification-repository.ts';
import { PipelineRepository } from './pipeline-repository.ts';
import { RolloutRepository } from './rollout-repository.ts';
import type { Schema } from './schema.ts';
import { SettingRepository } from './setting-repository.ts';
import { StageRepository } from './stage-repository.ts';

export interface Repositories {
  readonly agents: AgentRepository;
  readonly elasticAgents: ElasticAgentRepository;
  readonly elasticProfiles: ElasticProfileRepository;
  readonly instances: InstanceRepository;
  readonly jobs: JobRepository;
  readonly modifications: ModificationRepository;
  readonly pipelines: PipelineRepository;
  readonly rollout: RolloutRepository;
  readonly settings: SettingRepository;
  readonly stages: StageRepository;
}

export function repositoriesOn(db: Kysely<Schema>): Repositories {
  return {
    agents: new AgentRepository(db),
    elasticAgents: new ElasticAgentRepository(db),
    elasticProfiles: new ElasticProfileRepository(db),
    instances: new InstanceRepository(db),
    jobs: new JobRepository(db),
    modifications: new ModificationRepository(db),
    pipelines: new PipelineRepository(db),
    rollout: new RolloutRepository(db),
    settings: new SettingRepository(db),
    stages: new StageRepository(db),
  };
}
