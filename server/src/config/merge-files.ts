// Whether files that are good by themselves fit together (reference: server-config-api 1.2, 1.5, 1.8, 1.9).

import { nameKey, sameName } from '../domain/names.ts';
import type {
  EnvironmentConfig,
  FetchTaskConfig,
  PipelineConfig,
  TaskConfig,
} from '../domain/pipeline-config.ts';
import { checkAutoUpdate } from './check-auto-update.ts';
import { checkElastic, type StoredProfiles } from './check-elastic.ts';
import { ConfigModel } from './config-model.ts';
import type { ConfigProblem } from './config-problem.ts';
import { didYouMean } from './did-you-mean.ts';
import { findCycle } from './find-cycle.ts';
import type { ParsedFile } from './parse-pipeline-file.ts';

export interface Merged {
  readonly model: ConfigModel;
  /** If there are any, the model must not be used. */
  readonly problems: readonly ConfigProblem[];
}

const NOTHING_STORED: StoredProfiles = { clusters: [], profiles: [] };

/** @param elders the same files: of two that do not fit together, the problem is that of the later one here */
export function mergeFiles(
  files: readonly ParsedFile[],
  stored: StoredProfiles = NOTHING_STORED,
  elders: readonly ParsedFile[] = files,
): Merged {
  const model = new ConfigModel(
    files.flatMap((file) => file.pipelines),
    mergeEnvironments(files.flatMap((file) => file.environments)),
    [...files.flatMap((file) => file.clusterProfiles), ...stored.clusters],
    [...files.flatMap((file) => file.elasticProfiles), ...stored.profiles],
  );
  const problems = [
    ...duplicatePipelines(elders),
    ...checkAutoUpdate(elders),
    ...files.flatMap((file) => file.pipelines.flatMap((pipeline) => checkPipeline(file, pipeline, model))),
    ...checkEnvironments(elders, model),
    ...checkElastic(files, model, stored),
  ];
  return { model, problems };
}

function duplicatePipelines(files: readonly ParsedFile[]): ConfigProblem[] {
  const owners = new Map<string, string>();
  return files.flatMap((file) =>
    file.pipelines.flatMap(({ name }) => {
      const owner = owners.get(nameKey(name));
      owners.set(nameKey(name), owner ?? file.file);
      if (owner === undefined) return [];
      const message = `You have defined multiple pipelines named '${name}'. Pipeline names must be unique. Source(s): [${owner}, ${file.file}]`;
      return [file.problem(['pipelines', name], message)];
    }),
  );
}

function checkPipeline(file: ParsedFile, pipeline: PipelineConfig, model: ConfigModel): ConfigProblem[] {
  return [...checkUpstreams(file, pipeline, model), ...checkFetches(file, pipeline, model)];
}

function checkUpstreams(file: ParsedFile, pipeline: PipelineConfig, model: ConfigModel): ConfigProblem[] {
  const seen = new Set<string>();
  return pipeline.materials.flatMap((material) => {
    if (material.type !== 'dependency') return [];
    const path = ['pipelines', pipeline.name, 'materials', material.name ?? ''];
    const upstream = model.pipeline(material.pipeline);
    if (upstream === undefined) {
      const message = `Pipeline with name '${material.pipeline}' does not exist, it is defined as a dependency for pipeline '${pipeline.name}'.`;
      return [file.problem([...path, 'pipeline'], message + hint(material.pipeline, model.pipelines))];
    }
    if (!upstream.stages.some((stage) => sameName(stage.name, material.stage))) {
      const message = `Stage with name '${material.stage}' does not exist on pipeline '${upstream.name}'.`;
      return [file.problem([...path, 'stage'], message + hint(material.stage, upstream.stages))];
    }
    if (seen.has(nameKey(material.pipeline))) {
      const message = `A pipeline can depend on each upstream pipeline only once. Remove one of the occurrences of '${material.pipeline}' from the current pipeline dependencies.`;
      return [file.problem(path, message)];
    }
    seen.add(nameKey(material.pipeline));
    const cycle = findCycle(pipeline.name, (name) => upstreamsOf(model.pipeline(name)));
    return cycle === undefined ? [] : [file.problem(path, `Circular dependency: ${cycle.join(' <- ')}`)];
  });
}

function upstreamsOf(pipeline: PipelineConfig | undefined): string[] {
  return (pipeline?.materials ?? []).flatMap((material) =>
    material.type === 'dependency' ? [material.pipeline] : [],
  );
}

function checkFetches(file: ParsedFile, pipeline: PipelineConfig, model: ConfigModel): ConfigProblem[] {
  return pipeline.stages.flatMap((stage, index) =>
    stage.jobs
      .flatMap((job) => job.tasks.flatMap(fetchesOf))
      .flatMap((task) => {
        const message = fetchProblem(task, pipeline, index, model);
        return message === undefined
          ? []
          : [file.problem(['pipelines', pipeline.name, 'stages', index, stage.name], message)];
      }),
  );
}

function fetchesOf(task: TaskConfig): FetchTaskConfig[] {
  const nested = task.onCancel === undefined ? [] : fetchesOf(task.onCancel);
  return task.type === 'fetch' ? [task, ...nested] : nested;
}

function fetchProblem(
  task: FetchTaskConfig,
  pipeline: PipelineConfig,
  index: number,
  model: ConfigModel,
): string | undefined {
  const isOwn = task.pipeline === undefined || sameName(task.pipeline, pipeline.name);
  const source = isOwn ? pipeline : model.pipeline(task.pipeline ?? '');
  const isUpstream = upstreamsOf(pipeline).some((name) => sameName(name, source?.name ?? ''));
  if (source === undefined || (!isOwn && !isUpstream)) {
    return `Pipeline "${pipeline.name}" tries to fetch artifact from pipeline "${task.pipeline}" which is not an upstream pipeline`;
  }
  const at = source.stages.findIndex((stage) => sameName(stage.name, task.stage));
  const job = source.stages[at]?.jobs.find((candidate) => sameName(candidate.name, task.job));
  if (job === undefined) {
    return `"${pipeline.name}" tries to fetch artifact from job "${source.name} :: ${task.stage} :: ${task.job}" which does not exist.`;
  }
  if (isOwn && at >= index) {
    return `"${pipeline.name}" tries to fetch artifact from its stage "${task.stage}" which does not complete before the current stage "${pipeline.stages[index]?.name}".`;
  }
  return undefined;
}

function checkEnvironments(files: readonly ParsedFile[], model: ConfigModel): ConfigProblem[] {
  const owners = new Map<string, string>();
  return files.flatMap((file) =>
    file.environments.flatMap(({ name, pipelines }) =>
      pipelines.flatMap((pipeline, index) => {
        const path = ['environments', name, 'pipelines', index];
        if (model.pipeline(pipeline) === undefined) {
          const message = `Environment '${name}' refers to an unknown pipeline '${pipeline}'.`;
          return [file.problem(path, message + hint(pipeline, model.pipelines))];
        }
        const owner = owners.get(nameKey(pipeline));
        owners.set(nameKey(pipeline), owner ?? name);
        return owner === undefined || sameName(owner, name)
          ? []
          : [
              file.problem(
                path,
                `Associating pipeline '${pipeline}' which is already part of environment '${owner}'.`,
              ),
            ];
      }),
    ),
  );
}

/** The parts of an environment in several files make one. */
function mergeEnvironments(parts: readonly EnvironmentConfig[]): EnvironmentConfig[] {
  return [...Map.groupBy(parts, (part) => nameKey(part.name)).values()].map((same) => ({
    name: same[0]?.name ?? '',
    variables: same.flatMap((part) => part.variables),
    pipelines: same.flatMap((part) => part.pipelines),
    agents: [...new Set(same.flatMap((part) => part.agents))],
  }));
}

function hint(word: string, candidates: readonly { readonly name: string }[]): string {
  const near = didYouMean(
    word,
    candidates.map((candidate) => candidate.name),
  );
  return near === undefined ? '' : ` Did you mean "${near}"?`;
}
