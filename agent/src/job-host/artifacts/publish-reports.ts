import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ConsoleTag, TEST_SUMMARY } from '@go-agent/protocol';
import { NO_REPORT_FILES, summariseReports } from '../../test-reports/summarise-reports.ts';
import { listReports } from './list-reports.ts';
import type { TransferContext } from './transfer-context.ts';
import type { PlacedSource } from './upload-files.ts';

/** Where GoCD puts the page that shows all test reports. */
const PAGE_FOLDER = 'testoutput';

/**
 * Counts the job's test reports together and publishes the page twice, as GoCD does (agent-behaviour 8.14), and for our server the
 * counts. What is no report is named and passed over.
 * @param matches absolute paths of what the plans' patterns matched: reports, or folders of them
 */
export async function publishReports(
  matches: readonly string[],
  context: TransferContext,
  upload: (sources: readonly PlacedSource[]) => Promise<boolean>,
  isOurs: boolean,
): Promise<boolean> {
  const { cancelled, console, folder } = context;
  const reports = await listReports(matches, cancelled);
  if (reports.length === 0) {
    console.line(ConsoleTag.artifactError, `[go] ${NO_REPORT_FILES}`);
    return true;
  }
  const { summary, html, notes } = await summariseReports(reports, console.masker());
  for (const note of notes) console.line(ConsoleTag.notice, note);
  const temporary = join(folder, 'test-reports');
  try {
    await mkdir(join(temporary, 'result'), { recursive: true });
    for (const page of ['index.html', 'result/index.html']) await writeFile(join(temporary, page), html);
    const counts = join(temporary, basename(TEST_SUMMARY));
    await writeFile(counts, JSON.stringify(summary));
    return await upload([
      { source: join(temporary, 'index.html'), dest: PAGE_FOLDER },
      { source: join(temporary, 'result'), dest: PAGE_FOLDER },
      ...(isOurs ? [{ source: counts, dest: TEST_SUMMARY.slice(0, TEST_SUMMARY.lastIndexOf('/')) }] : []),
    ]);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
