import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeOutputFile } from '../../test/src/chaos/console/output-file.ts';
import { shellTask, stageOf } from '../../test/src/harness/pipeline-words.ts';
import { startSystem } from '../../test/src/harness/start-system.ts';
import type { Bench } from './bench.ts';
import { type ConsoleMeasure, measureConsole } from './console-run.ts';
import type { ProcessTrace } from './process-watch.ts';
import type { Row } from './report.ts';
import { summarise } from './statistics.ts';

/** Of the file that the task prints so often. */
const MEGABYTES = 128;
const TIMES = 8;
const SEED = 1;
const PROCESSES = ['agent', 'job host', 'server'] as const;

/** From the output of a task to the log that the server has stored. */
export const consoleBench: Bench = {
  describe: 'MB/s from a task that prints 1 GB to the log on the server, beside the same command into a file',
  defaultRuns: 3,
  async run(runs, progress) {
    await using system = await startSystem();
    const output = join(system.folder, 'output');
    await writeOutputFile(output, MEGABYTES, SEED);
    const outputBytes = (await stat(output)).size * TIMES;
    const script = `cat${` ${output}`.repeat(TIMES)}`;
    const task = [shellTask(script)];
    await system.definePipeline('prints', [
      stageOf('only', 'prints', task, { stage: { fetch_materials: false } }),
    ]);
    const measures: ConsoleMeasure[] = [];
    const seen = new Set<string>();
    for (let run = 1; run <= runs; run++) {
      const measure = await measureConsole({ system, pipeline: 'prints', script, outputBytes, seen });
      measures.push(measure);
      progress(`${run}/${runs}: ${measure.chain.toFixed(0)} MB/s, ${measure.file.toFixed(0)} into a file`);
    }
    const rate = (what: string, of: (measure: ConsoleMeasure) => number): Row => ({
      what,
      unit: 'MB/s',
      summary: summarise(measures.map(of)),
    });
    const of = (name: string, what: keyof ProcessTrace) =>
      summarise(measures.map(({ processes }) => processes.get(name)?.[what] ?? Number.NaN));
    const cpu = (name: string): Row => ({
      what: `processor time of the ${name}`,
      unit: 's',
      summary: of(name, 'cpu'),
    });
    const memory = (name: string, when: 'before' | 'last' | 'max'): Row => ({
      what: `memory of the ${name}, ${when}`,
      unit: 'MiB',
      summary: of(name, when),
    });
    return {
      rows: [
        rate('task -> log stored on the server', ({ chain }) => chain),
        rate('task -> journal', ({ journal }) => journal),
        rate('the same command into a file', ({ file }) => file),
        ...PROCESSES.map(cpu),
        ...PROCESSES.flatMap((name) => [memory(name, 'before'), memory(name, 'last'), memory(name, 'max')]),
      ],
      notes: [
        `The task is \`cat\` of ${(outputBytes / 1e9).toFixed(2)} GB of lines that are ${MEGABYTES} MiB ${TIMES} times over; 10^6 bytes of its output a second.`,
        'To the stored log: from the state Building to Completed, as the server notes them; the stored log has been compared with the journal.',
        'To the journal: as the line at the end of the task says.',
        'Memory is resident, of the job host from when it waited for the job on; last is the mean over the last tenth of the job.',
      ],
    };
  },
};
