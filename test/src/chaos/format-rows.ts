import type { ChaosRow } from './suite.ts';

/** A table with one line a row; figures are columns of their own. */
export function formatRows(rows: readonly ChaosRow[]): string {
  const figures = [...new Set(rows.flatMap((row) => Object.keys(row.figures ?? {})))];
  const table = [
    ['', 'tried', 'broke', ...figures],
    ...rows.map((row) => [
      row.what,
      String(row.tried),
      String(row.broke),
      ...figures.map((f) => String(row.figures?.[f] ?? '')),
    ]),
  ];
  const widths = (table[0] ?? []).map((_, i) => Math.max(...table.map((row) => (row[i] ?? '').length)));
  return table
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join('  '),
    )
    .join('\n');
}
