import { readFile } from 'node:fs/promises';
import { check, ok, skipped, warn } from '../check.ts';
import { inWords } from '../in-words.ts';

const WANTED = 256_000_000;

export const memoryCheck = check({
  name: 'memory',
  about: 'memory that is left on this machine',
  async look() {
    const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
    const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
    return { available: kilobytes === undefined ? undefined : Number(kilobytes) * 1024 };
  },
  judge({ available }) {
    if (available === undefined) return skipped('this system does not tell');
    const saw = `${inWords(available)} of memory can be had`;
    return available < WANTED
      ? warn(saw, 'end what takes it (ps aux --sort -rss), or give the machine more')
      : ok(saw);
  },
});
