import { cpus, totalmem } from 'node:os';
import type { Summary } from './statistics.ts';

export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly summary: Summary;
}

export interface Report {
  readonly name: string;
  readonly machine: string;
  readonly date: string;
  readonly rows: readonly Row[];
  /** What a reader must know to read the figures. */
  readonly notes: readonly string[];
}

export function describeMachine(): string {
  const all = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${all.length} x ${all[0]?.model.trim() ?? 'unknown processor'}, ${memory} GiB, ${process.platform} ${process.arch}, Node ${process.version}`;
}

export function formatReport(report: Report): string {
  const columns = ['runs', 'min', 'median', 'p95', 'p99', 'max'] as const;
  const table = [
    ['', 'unit', ...columns],
    ...report.rows.map(({ what, unit, summary }) => [
      what,
      unit,
      ...columns.map((c) => figure(summary[c], c)),
    ]),
  ];
  const widths = (table[0] ?? []).map((_, i) => Math.max(...table.map((row) => (row[i] ?? '').length)));
  const lines = table.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
  return [`${report.name} on ${report.machine}, ${report.date}`, ...lines, ...report.notes].join('\n');
}

function figure(value: number, column: string): string {
  return column === 'runs' || value >= 1000 ? String(Math.round(value)) : value.toFixed(2);
}
