// Which version of each file is in force: a bad file keeps its last good version, and nothing else stops.

import type { StoredProfiles } from './check-elastic.ts';
import type { ConfigModel } from './config-model.ts';
import type { ConfigProblem } from './config-problem.ts';
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
 * @param lastGood what was in force before
 * @param stored profiles that are not of files
 */
export function chooseFiles(
  outcomes: ReadonlyMap<string, ParseOutcome>,
  lastGood: ReadonlyMap<string, ParsedFile>,
  stored?: StoredProfiles,
): Choice {
  const problems = new Map<string, readonly ConfigProblem[]>();
  const chosen = new Map<string, ParsedFile>();
  for (const [file, outcome] of outcomes) {
    const parsed = outcome.type === 'good' ? outcome.parsed : lastGood.get(file);
    if (parsed !== undefined) chosen.set(file, parsed);
    if (outcome.type === 'bad') problems.set(file, outcome.problems);
  }
  // What is in force already is not put out by a file that is new or was changed, whatever their names.
  const isInForce = (file: ParsedFile) => lastGood.get(file.file) === file;
  // Ends: each turn puts at least one file back to its last good version, and then out.
  for (;;) {
    const files = [...chosen.values()];
    const elders = files.toSorted((one, other) => Number(isInForce(other)) - Number(isInForce(one)));
    const { model, problems: misfits } = mergeFiles(files, stored, elders);
    if (misfits.length === 0) return { model, good: chosen, problems };
    for (const [file, found] of Map.groupBy(misfits, (problem) => problem.file)) {
      if (!problems.has(file)) problems.set(file, found);
      const previous = lastGood.get(file);
      if (previous === undefined || previous === chosen.get(file)) chosen.delete(file);
      else chosen.set(file, previous);
    }
  }
}
