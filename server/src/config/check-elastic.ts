// Whether what the files say of elastic agents fits together, and fits what was made through the API.

import type { ClusterProfile, ElasticAgentProfile } from '../domain/elastic-profile.ts';
import type { PipelineConfig } from '../domain/pipeline-config.ts';
import type { ConfigModel } from './config-model.ts';
import type { ConfigProblem } from './config-problem.ts';
import { didYouMean } from './did-you-mean.ts';
import type { ParsedFile } from './parse-pipeline-file.ts';

/** Profiles that are not of files. */
export interface StoredProfiles {
  readonly clusters: readonly ClusterProfile[];
  readonly profiles: readonly ElasticAgentProfile[];
}

export function checkElastic(
  files: readonly ParsedFile[],
  model: ConfigModel,
  stored: StoredProfiles,
): ConfigProblem[] {
  const clusters = ids(model.clusterProfiles);
  const profiles = ids(model.elasticProfiles);
  return [
    ...duplicates(
      files,
      'cluster_profiles',
      'cluster profile',
      stored.clusters,
      (file) => file.clusterProfiles,
    ),
    ...duplicates(
      files,
      'elastic_profiles',
      'elastic agent profile',
      stored.profiles,
      (file) => file.elasticProfiles,
    ),
    ...files.flatMap((file) =>
      file.elasticProfiles.flatMap((profile) => checkProfile(file, profile, clusters)),
    ),
    ...files.flatMap((file) => file.pipelines.flatMap((pipeline) => checkJobs(file, pipeline, profiles))),
  ];
}

function duplicates(
  files: readonly ParsedFile[],
  key: string,
  what: string,
  stored: readonly { readonly id: string }[],
  read: (file: ParsedFile) => readonly { readonly id: string }[],
): ConfigProblem[] {
  const owners = new Map<string, string>(stored.map(({ id }) => [id, 'the API']));
  return files.flatMap((file) =>
    read(file).flatMap(({ id }) => {
      const owner = owners.get(id);
      owners.set(id, owner ?? file.file);
      const message = `There is another ${what} '${id}', from ${owner}: ids are unique. Give one of them another id.`;
      return owner === undefined ? [] : [file.problem([key, id], message)];
    }),
  );
}

function checkProfile(
  file: ParsedFile,
  profile: ElasticAgentProfile,
  clusters: readonly string[],
): ConfigProblem[] {
  const { id, clusterProfileId } = profile;
  if (clusters.includes(clusterProfileId)) return [];
  const message = `No Cluster Profile exists with the specified cluster_profile_id '${clusterProfileId}'.`;
  const path = ['elastic_profiles', id, 'cluster_profile_id'];
  return [file.problem(path, message + hint(clusterProfileId, clusters, 'cluster_profiles'))];
}

function checkJobs(file: ParsedFile, pipeline: PipelineConfig, profiles: readonly string[]): ConfigProblem[] {
  return pipeline.stages.flatMap((stage, index) =>
    stage.jobs.flatMap(({ name, elasticProfileId: id }) => {
      if (id === undefined || profiles.includes(id)) return [];
      const onStage = ['pipelines', pipeline.name, 'stages', index, stage.name];
      const onJob = [...onStage, 'jobs', name];
      // A stage with one job of its own name has the job's keys.
      const path = [...(file.has(onJob) ? onJob : onStage), 'elastic_profile_id'];
      const message = `No profile defined corresponding to profile_id '${id}'.`;
      return [file.problem(path, message + hint(id, profiles, 'elastic_profiles'))];
    }),
  );
}

function ids(items: readonly { readonly id: string }[]): string[] {
  return items.map(({ id }) => id);
}

/** @param key where it could be defined */
function hint(word: string, candidates: readonly string[], key: string): string {
  const near = didYouMean(word, candidates);
  return near === undefined
    ? ` Define it under ${key}: in any file, or through the API.`
    : ` Did you mean "${near}"?`;
}
