import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { check, ok, skipped, warn } from '../check.ts';
import { durationInWords } from '../in-words.ts';
import { listFolder } from '../probes/list-folder.ts';

interface JobFacts {
  readonly there: boolean;
  /** Milliseconds since the oldest undelivered journal was last written. */
  readonly oldestMs: number;
  readonly undelivered: number;
  readonly aside: number;
}

const PATIENCE_MS = 600_000;

export const jobsCheck = check({
  name: 'jobs',
  about: 'results of jobs that the server does not have yet',
  async look({ home, clock }): Promise<JobFacts> {
    const folder = join(home, 'jobs');
    const names = await listFolder(folder);
    const journals = names?.filter((name) => /^\d+$/.test(name)) ?? [];
    const times = await Promise.all(
      journals.map(
        async (name) => (await stat(join(folder, name)).catch(() => undefined))?.mtimeMs ?? clock.now(),
      ),
    );
    return {
      there: names !== undefined,
      undelivered: journals.length,
      oldestMs: clock.now() - Math.min(clock.now(), ...times),
      aside: names?.filter((name) => name.startsWith('aside-')).length ?? 0,
    };
  },
  judge({ there, undelivered, oldestMs, aside }, { home, running, orphan }) {
    if (!there) return skipped('no job has run here yet');
    if (undelivered > 0 && !running && orphan === undefined)
      return warn(
        `the results of ${undelivered} job(s) are not delivered, and no agent runs`,
        `go-agent start --home ${home}: it delivers them first`,
      );
    if (undelivered > 0 && oldestMs > PATIENCE_MS)
      return warn(
        `${undelivered} job(s) are not delivered, the oldest has been silent for ${durationInWords(oldestMs)}`,
        'see the checks server and token; go-agent logs tells what the server answers',
      );
    if (aside > 0)
      return warn(
        `${aside} journal(s) could not be read and were put aside`,
        `look at ${join(home, 'jobs')}/aside-*, check the disk, and remove them`,
      );
    return ok(
      undelivered === 0 ? 'all results are delivered' : `${undelivered} job(s) run or are being delivered`,
    );
  },
});
