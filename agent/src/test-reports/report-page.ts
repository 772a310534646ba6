import type { ReportSummary, TestFailure } from './report-summary.ts';

const STYLE = `
body { font: 14px/1.5 system-ui, sans-serif; margin: 1.5em; color: #222; background: #fff }
.totals span { margin-right: 1.5em } .totals b { font-size: 1.4em }
.failure { border-left: 4px solid #c0392b; margin: 1em 0; padding: 0 0 0 1em }
.failure h2 { font-size: 1em; margin: 0 } .failure small { color: #666 }
pre { background: #f6f6f6; padding: .6em; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #1b1b1b } pre { background: #262626 } }
`;

/** The page that stands as testoutput/index.html. The classes of the totals are those of GoCD's page. */
export function reportPage(summary: ReportSummary): string {
  const bad = summary.failed + summary.errors;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Test results: ${summary.tests} tests, ${bad} failed</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Test results</h1>
<p class="totals">
${total('Tests', 'tests_total_count', summary.tests)}
${total('Passed', 'tests_passed_count', summary.passed)}
${total('Failed', 'tests_failed_count', bad)}
${total('Skipped', 'tests_ignored_count', summary.skipped)}
${total('Seconds', 'tests_total_duration', summary.seconds.toFixed(3))}
</p>
<p>Read from ${summary.files} ${summary.files === 1 ? 'file' : 'files'}. Of those that failed, ${summary.errors} ended in an error.</p>
${summary.failures.map(failureSection).join('\n')}
${summary.failuresLeftOut > 0 ? `<p>${summary.failuresLeftOut} more failed that are not listed.</p>` : ''}
${summary.unreadable.length > 0 ? unreadableList(summary) : ''}
</body>
</html>
`;
}

function total(label: string, name: string, value: number | string): string {
  return `<span>${label}: <b class="${name}">${value}</b></span>`;
}

function failureSection({ kind, suite, name, file, message }: TestFailure): string {
  return `<section class="failure">
<h2>${escapeHtml(name)}</h2>
<small>${kind}${suite === '' ? '' : ` in ${escapeHtml(suite)}`}, ${escapeHtml(file)}</small>
${message === '' ? '' : `<pre>${escapeHtml(message)}</pre>`}
</section>`;
}

function unreadableList({ unreadable }: ReportSummary): string {
  const items = unreadable.map(({ file, reason }) => `<li>${escapeHtml(file)}: ${escapeHtml(reason)}</li>`);
  return `<h2>Reports that could not be read</h2>\n<ul>\n${items.join('\n')}\n</ul>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replace(/[^\P{Cc}\n\t]/gu, '\uFFFD');
}
