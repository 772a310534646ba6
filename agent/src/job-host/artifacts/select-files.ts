import { LARGEST_BATCH, LARGEST_BATCHED_FILE, MOST_BATCHED } from '@go-agent/protocol';

export interface WantedFile {
  /** Relative to the folder that is fetched, with `/`. */
  readonly path: string;
  readonly size: number;
  readonly mode: number;
}

/** Puts small files together as one request takes them; a large one is a selection of its own. */
export async function* selectFiles(files: AsyncIterable<WantedFile>): AsyncGenerator<readonly WantedFile[]> {
  let selection: WantedFile[] = [];
  let bytes = 0;
  for await (const file of files) {
    if (file.size > LARGEST_BATCHED_FILE) {
      yield [file];
      continue;
    }
    selection.push(file);
    bytes += file.size;
    if (bytes < LARGEST_BATCH && selection.length < MOST_BATCHED) continue;
    yield selection;
    selection = [];
    bytes = 0;
  }
  if (selection.length > 0) yield selection;
}
