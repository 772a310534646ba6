import { readFileSync } from 'node:fs';

/** The end of a text file, for an error message. */
export function lastLines(file: string, count: number): string {
  try {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count);
    return [`--- ${file}`, ...lines].join('\n');
  } catch {
    return `--- ${file}: none`;
  }
}
