// Which version of each file is in force: a bad file keeps its last good version, and nothing else stops.

import type { StoredProfiles } from './check-elastic.ts';
import type { ConfigModel } from './config-model.ts';
import type { ConfigProblem } from './config-problem.ts';
import { byAge, type FilesInForce } from './files-in-force.ts';
import { mergeFiles } from './merge-files.ts';
import type { ParsedFile, ParseOutcome } from './parse-pipeline-file.ts';

export interface Choice {
  readonly model: ConfigModel;
  /** What is in force, by file. */
  readonly good: ReadonlyMap<string, ParsedFile>;
  /** By file. */
  readonly problems: ReadonlyMap<string, readonly ConfigProblem[]>;
}

/**
 * @param outcomes the files as they are now
 * @param lastGood what was in force before; nothing when the server starts
 * @param known what was in force before, also when the server starts: no file that is new or was changed puts it out
 * @param stored profiles that are not of files
 */
export function chooseFiles(
  outcomes: ReadonlyMap<string, ParseOutcome>,
  lastGood: ReadonlyMap<string, ParsedFile>,
  known: FilesInForce,
  stored?: StoredProfiles,
): Choice {
  const problems = new Map<string, readonly ConfigProblem[]>();
  const chosen = new Map<string, ParsedFile>();
  for (const [file, outcome] of outcomes) {
    const parsed = outcome.type === 'good' ? outcome.parsed : lastGood.get(file);
    if (parsed !== undefined) chosen.set(file, parsed);
    if (outcome.type === 'bad') problems.set(file, outcome.problems);
  }
  // Ends: each turn puts at least one file back to its last good version, and then out.
  for (;;) {
    const files = [...chosen.values()];
    const { model, problems: misfits } = mergeFiles(files, stored, byAge(files, known));
    if (misfits.length === 0) return { model, good: chosen, problems };
    for (const [file, found] of Map.groupBy(misfits, (problem) => problem.file)) {
      if (!problems.has(file)) problems.set(file, found);
      const previous = lastGood.get(file);
      if (previous === undefined || previous === chosen.get(file)) chosen.delete(file);
      else chosen.set(file, previous);
    }
  }
}
