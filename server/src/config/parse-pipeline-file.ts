import type { ClusterProfile, ElasticAgentProfile } from '../domain/elastic-profile.ts';
import type { EnvironmentConfig, PipelineConfig } from '../domain/pipeline-config.ts';
import type { ConfigProblem } from './config-problem.ts';
import { digestOf } from './files-in-force.ts';
import type { PipelineFile } from './schema/file-schema.ts';
import type { Schema } from './schema/parse-into.ts';
import { type Path, YamlDocument } from './yaml-document.ts';

/** A file that is good by itself; whether it fits the others is another question. */
export interface ParsedFile {
  readonly file: string;
  /** Of its text. */
  readonly digest: string;
  readonly pipelines: readonly PipelineConfig[];
  readonly environments: readonly EnvironmentConfig[];
  readonly clusterProfiles: readonly ClusterProfile[];
  readonly elasticProfiles: readonly ElasticAgentProfile[];
  has(path: Path): boolean;
  problem(path: Path, message: string): ConfigProblem;
}

export type ParseOutcome =
  | { readonly type: 'good'; readonly parsed: ParsedFile }
  | { readonly type: 'bad'; readonly problems: readonly ConfigProblem[] };

/** Any text gives an outcome; none makes this throw. @param file the name that problems give */
export function parsePipelineFile(file: string, text: string, schema: Schema<PipelineFile>): ParseOutcome {
  const document = new YamlDocument(file, text);
  if (document.problems.length > 0) return { type: 'bad', problems: document.problems };
  const result = schema.safeParse(document.value);
  if (!result.success) {
    return {
      type: 'bad',
      problems: result.error.issues.map(({ path, message }) => document.problem(path, message)),
    };
  }
  const problem = (path: Path, message: string) => document.problem(path, message);
  const has = (path: Path) => document.has(path);
  return { type: 'good', parsed: { file, digest: digestOf(text), ...result.data, has, problem } };
}
