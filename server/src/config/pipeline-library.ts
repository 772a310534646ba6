// The pipeline files of a folder, as they are in force.

import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { describeError } from '@go-agent/runtime/core';
import type { StoredProfiles } from './check-elastic.ts';
import { chooseFiles } from './choose-files.ts';
import { ConfigModel } from './config-model.ts';
import { type ConfigProblem, describeProblem } from './config-problem.ts';
import { type FilesInForce, type InForceMemory, inForce, isSame } from './files-in-force.ts';
import { type ParsedFile, type ParseOutcome, parsePipelineFile } from './parse-pipeline-file.ts';
import { fileSchema } from './schema/file-schema.ts';
import type { Secrets } from './schema/variables.ts';

const PIPELINE_FILE = /\.(ya?ml)$/;

export interface LibraryChange {
  /** Files that are mended or gone since the last time. */
  readonly mended: readonly string[];
  readonly broken: readonly {
    readonly file: string;
    readonly problems: readonly string[];
    readonly keepsLastGood: boolean;
  }[];
}

const NOTHING_STORED: StoredProfiles = { clusters: [], profiles: [] };

interface KnownFile {
  readonly text: string;
  readonly outcome: ParseOutcome;
}

export class PipelineLibrary {
  readonly #folder: string;
  readonly #schema: ReturnType<typeof fileSchema>;
  #known: ReadonlyMap<string, KnownFile> = new Map();
  #good: ReadonlyMap<string, ParsedFile> = new Map();
  #inForce: FilesInForce | undefined;
  readonly #memory: InForceMemory;
  #broken: ReadonlySet<string> = new Set();
  #model = new ConfigModel([], []);
  readonly #stored: () => StoredProfiles;
  #storedBefore: StoredProfiles | undefined;

  /** @param stored profiles that files may refer to; another object each time that they have changed */
  constructor(
    folder: string,
    secrets: Secrets,
    memory: InForceMemory,
    stored: () => StoredProfiles = () => NOTHING_STORED,
  ) {
    this.#memory = memory;
    this.#stored = stored;
    this.#folder = folder;
    this.#schema = fileSchema(secrets);
  }

  get model(): ConfigModel {
    return this.#model;
  }

  /** The file that a profile is in; undefined: it is in none. */
  fileOfProfile(kind: 'cluster' | 'profile', id: string): string | undefined {
    const files = [...this.#good.values()];
    return files.find((parsed) =>
      (kind === 'cluster' ? parsed.clusterProfiles : parsed.elasticProfiles).some((one) => one.id === id),
    )?.file;
  }

  /** Reads the folder again. Undefined if no file and no stored profile has changed. One at a time. */
  async reload(): Promise<LibraryChange | undefined> {
    const texts = await this.#readTexts();
    const stored = this.#stored();
    if (this.#isKnown(texts) && stored === this.#storedBefore) return undefined;
    this.#storedBefore = stored;
    const known = new Map<string, KnownFile>();
    for (const [file, text] of texts) {
      const before = this.#known.get(file);
      known.set(file, before?.text === text ? before : { text, outcome: this.#parse(file, text) });
    }
    const outcomes = new Map([...known].map(([file, { outcome }]) => [file, outcome]));
    const before = this.#inForce ?? (await this.#memory.load());
    const { model, good, problems } = chooseFiles(outcomes, this.#good, before, stored);
    const now = inForce(good.values());
    // First: a server that is killed meanwhile would not know it any more.
    if (!isSame(before, now)) await this.#memory.save(now);
    this.#inForce = now;
    const mended = [...this.#broken].filter((file) => !problems.has(file));
    this.#known = known;
    this.#good = good;
    this.#broken = new Set(problems.keys());
    this.#model = model;
    return { mended, broken: [...problems].map(([file, found]) => brokenFile(file, found, good)) };
  }

  #parse(file: string, text: string): ParseOutcome {
    if (!text.startsWith(UNREADABLE)) return parsePipelineFile(file, text, this.#schema);
    const message = text.slice(UNREADABLE.length);
    return { type: 'bad', problems: [{ file, line: 1, column: 1, path: '', message }] };
  }

  #isKnown(texts: ReadonlyMap<string, string>): boolean {
    return (
      texts.size === this.#known.size &&
      [...texts].every(([file, text]) => this.#known.get(file)?.text === text)
    );
  }

  async #readTexts(): Promise<Map<string, string>> {
    const entries = await readdir(this.#folder, { recursive: true }).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    const files = entries.filter((entry) => PIPELINE_FILE.test(entry) && !isHidden(entry)).sort();
    const texts = new Map<string, string>();
    for (const file of files) {
      const text = await readText(join(this.#folder, file));
      if (text !== undefined) texts.set(file.replaceAll(sep, '/'), text);
    }
    return texts;
  }
}

/** Marks, in place of a text, why there is none. No YAML begins with it. */
const UNREADABLE = '\0';

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    // Removed since the folder was listed, or a folder with such a name.
    if (isMissing(error) || (error instanceof Error && 'code' in error && error.code === 'EISDIR'))
      return undefined;
    return `${UNREADABLE}The file cannot be read: ${describeError(error)}`;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function isHidden(file: string): boolean {
  return file.split(sep).some((part) => part.startsWith('.'));
}

function brokenFile(file: string, problems: readonly ConfigProblem[], good: ReadonlyMap<string, ParsedFile>) {
  return { file, problems: problems.map(describeProblem), keepsLastGood: good.has(file) };
}
