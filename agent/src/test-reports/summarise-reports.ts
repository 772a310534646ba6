import { readReport } from './read-report.ts';
import type { ReportMasker } from './report-counter.ts';
import { reportPage } from './report-page.ts';
import { addSummaries, EMPTY_SUMMARY, type ReportSummary } from './report-summary.ts';

export interface ReportFile {
  readonly path: string;
  /** As it is to be shown; GoCD shows the last part of the path. */
  readonly name: string;
}

export interface SummarisedReports {
  readonly summary: ReportSummary;
  /** testoutput/index.html */
  readonly html: string;
  /** Lines for the console, without tag, in GoCD's words as far as GoCD has any. */
  readonly notes: readonly string[];
}

/** What to say, as an error of publishing, instead of publishing a page when the plans match no file (agent-behaviour 8.14). */
export const NO_REPORT_FILES = 'No files were found in the Test Results folders';

/**
 * Reads the reports one after the other, in memory that does not grow with them, and counts them together. Files that are not
 * reports or broken are left out of the counts and named in the notes. Never rejects because of a file.
 * @param masker takes the secrets out of what tests said: the summary and the page leave the machine
 */
export async function summariseReports(
  files: readonly ReportFile[],
  masker: ReportMasker = { write: (chunk) => Buffer.from(chunk), flush: () => Buffer.alloc(0) },
): Promise<SummarisedReports> {
  let summary = EMPTY_SUMMARY;
  const notes: string[] = files.length === 0 ? [NO_REPORT_FILES] : [];
  for (const file of files) {
    const read = await readReport(file, masker);
    switch (read.kind) {
      case 'report':
        summary = addSummaries(summary, read.summary);
        break;
      case 'not-a-report':
        notes.push(`Ignoring file ${file.name} - it is not a recognised test file.`);
        break;
      case 'broken':
        notes.push(
          `The file ${file.name} could not be parsed. It seems to be invalid.`,
          `${file.name}: ${read.reason}`,
        );
        summary = addSummaries(summary, {
          ...EMPTY_SUMMARY,
          unreadable: [{ file: file.name, reason: read.reason }],
        });
        break;
    }
  }
  return { summary, html: reportPage(summary), notes };
}
