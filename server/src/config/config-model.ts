import { nameKey, sameName } from '../domain/names.ts';
import type { EnvironmentConfig, MaterialConfig, PipelineConfig } from '../domain/pipeline-config.ts';

/** All pipelines and environments of one moment. A change of the files makes a new model; the old one stays as it was. */
export class ConfigModel {
  readonly pipelines: readonly PipelineConfig[];
  readonly environments: readonly EnvironmentConfig[];
  readonly #byName: ReadonlyMap<string, PipelineConfig>;

  constructor(pipelines: readonly PipelineConfig[], environments: readonly EnvironmentConfig[]) {
    this.pipelines = pipelines;
    this.environments = environments;
    this.#byName = new Map(pipelines.map((pipeline) => [nameKey(pipeline.name), pipeline]));
  }

  pipeline(name: string): PipelineConfig | undefined {
    return this.#byName.get(nameKey(name));
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
