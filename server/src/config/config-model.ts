import { type Claims, readClaims } from '../domain/elastic-claim.ts';
import type { ClusterProfile, ElasticAgentProfile } from '../domain/elastic-profile.ts';
import { nameKey, sameName } from '../domain/names.ts';
import type { EnvironmentConfig, MaterialConfig, PipelineConfig } from '../domain/pipeline-config.ts';

/** All pipelines and environments of one moment. A change of the files makes a new model; the old one stays as it was. */
export class ConfigModel {
  readonly pipelines: readonly PipelineConfig[];
  readonly environments: readonly EnvironmentConfig[];
  /** Of files, and those made through the API. */
  readonly clusterProfiles: readonly ClusterProfile[];
  readonly elasticProfiles: readonly ElasticAgentProfile[];
  readonly claims: Claims;
  readonly #byName: ReadonlyMap<string, PipelineConfig>;

  constructor(
    pipelines: readonly PipelineConfig[],
    environments: readonly EnvironmentConfig[],
    clusterProfiles: readonly ClusterProfile[] = [],
    elasticProfiles: readonly ElasticAgentProfile[] = [],
  ) {
    this.pipelines = pipelines;
    this.environments = environments;
    this.clusterProfiles = clusterProfiles;
    this.elasticProfiles = elasticProfiles;
    this.claims = readClaims(elasticProfiles, clusterProfiles);
    this.#byName = new Map(pipelines.map((pipeline) => [nameKey(pipeline.name), pipeline]));
  }

  pipeline(name: string): PipelineConfig | undefined {
    return this.#byName.get(nameKey(name));
  }

  environment(name: string): EnvironmentConfig | undefined {
    return this.environments.find((environment) => sameName(environment.name, name));
  }

  environmentOf(pipeline: string): EnvironmentConfig | undefined {
    return this.environments.find(({ pipelines }) => pipelines.some((name) => sameName(name, pipeline)));
  }

  /** Names of the environments whose files list this agent. */
  environmentsOfAgent(uuid: string): string[] {
    return this.environments.filter(({ agents }) => agents.includes(uuid)).map(({ name }) => name);
  }

  /** Each material once. */
  materials(): MaterialConfig[] {
    const all = this.pipelines.flatMap((pipeline) => pipeline.materials);
    return [...new Map(all.map((material) => [material.fingerprint, material])).values()];
  }

  pipelinesWith(fingerprint: string): PipelineConfig[] {
    return this.pipelines.filter(({ materials }) =>
      materials.some((material) => material.fingerprint === fingerprint),
    );
  }
}
