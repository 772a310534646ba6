// A repository's branch is polled once for all its pipelines, so they must agree whether it is (reference: server-config-api 1.5).

import type { GitMaterialConfig } from '../domain/pipeline-config.ts';
import type { ConfigProblem } from './config-problem.ts';
import type { ParsedFile } from './parse-pipeline-file.ts';

interface Use {
  readonly file: ParsedFile;
  readonly pipeline: string;
  readonly material: GitMaterialConfig;
}

export function checkAutoUpdate(files: readonly ParsedFile[]): ConfigProblem[] {
  const first = new Map<string, Use>();
  return files.flatMap(usesOf).flatMap((use) => {
    const { file, pipeline, material } = use;
    const other = first.get(material.fingerprint) ?? use;
    first.set(material.fingerprint, other);
    if (other.material.autoUpdate === material.autoUpdate) return [];
    const path = ['pipelines', pipeline, 'materials', material.name ?? '', 'auto_update'];
    return [file.problem(path, disagreement(use, other))];
  });
}

function usesOf(file: ParsedFile): Use[] {
  return file.pipelines.flatMap(({ name, materials }) =>
    materials.flatMap((material) => (material.type === 'git' ? [{ file, pipeline: name, material }] : [])),
  );
}

function disagreement({ pipeline, file, material }: Use, other: Use): string {
  return (
    `Pipeline '${pipeline}' (${file.file}) has auto_update: ${material.autoUpdate} for ${material.url}, branch ${material.branch}, ` +
    `but pipeline '${other.pipeline}' (${other.file.file}) has auto_update: ${other.material.autoUpdate} for the same. ` +
    'It is polled once for all its pipelines: give all of them the same value.'
  );
}
