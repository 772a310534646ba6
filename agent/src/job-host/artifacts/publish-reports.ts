import { mkdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ConsoleTag, TEST_SUMMARY } from '@go-agent/protocol';
import { NO_REPORT_FILES, type ReportFile, summariseReports } from '../../test-reports/summarise-reports.ts';
import { listTree } from './list-tree.ts';
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
  const { console, folder } = context;
  const reports = await eachOnce((await Promise.all(matches.map(reportsIn))).flat());
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

/** A file is taken whatever its name is, of a folder the XML files. */
async function reportsIn(match: string): Promise<ReportFile[]> {
  const whole = [{ path: match, name: basename(match) }];
  const isFolder = await stat(match)
    .then((stats) => stats.isDirectory())
    .catch(() => false);
  // One that cannot be read is named by who reads it.
  return isFolder ? xmlFilesIn(match).catch(() => whole) : whole;
}

async function xmlFilesIn(folder: string): Promise<ReportFile[]> {
  const reports: ReportFile[] = [];
  for await (const { source, isFolder } of listTree(folder)) {
    if (!isFolder && source.endsWith('.xml')) reports.push({ path: source, name: basename(source) });
  }
  return reports;
}

/** A folder that matched and one in it, two plans, or a link and what it names lead to the same report. */
async function eachOnce(reports: readonly ReportFile[]): Promise<ReportFile[]> {
  const places = await Promise.all(reports.map(({ path }) => realpath(path).catch(() => path)));
  const first = new Map<string | undefined, number>();
  for (const [at, place] of places.entries()) if (!first.has(place)) first.set(place, at);
  return reports.filter((_, at) => first.get(places[at]) === at);
}
