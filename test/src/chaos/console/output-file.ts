import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { SeededRandom } from '../seeded-random.ts';

const BLOCK_BYTES = 256 * 1024;

/** Lines of many lengths, from empty to some thousand characters, no two blocks alike. */
export async function writeOutputFile(path: string, megabytes: number, seed: number): Promise<void> {
  const random = new SeededRandom(seed);
  const file = createWriteStream(path);
  for (let bytes = 0, number = 0; bytes < megabytes * 1024 * 1024; ) {
    const lines: string[] = [];
    for (let length = 0; length < BLOCK_BYTES; ) {
      number += 1;
      const letters = random.next() < 0.01 ? random.integer(0, 8000) : random.integer(0, 160);
      const line = `${number} ${'grün-und-blau '.repeat(Math.ceil(letters / 14)).slice(0, letters)}`;
      lines.push(line);
      length += line.length + 1;
    }
    const block = Buffer.from(`${lines.join('\n')}\n`);
    bytes += block.length;
    if (!file.write(block)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
}
