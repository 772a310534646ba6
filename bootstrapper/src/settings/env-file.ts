import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { SettingProblem } from './setting-problem.ts';

/** A file of NAME=value lines, as systemd and Docker have them. */
export interface EnvFile {
  readonly path: string;
  readonly values: Readonly<Record<string, string>>;
  readonly problems: readonly SettingProblem[];
}

/**
 * Reads it at once, since all that follows depends upon it.
 * @param demanded somebody named this file, so that it has to be there
 */
export function readEnvFile(path: string, demanded: boolean): EnvFile {
  try {
    return parseEnvFile(path, readFileSync(path, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !demanded) return { path, values: {}, problems: [] };
    const message = `${path} cannot be read (${code ?? String(error)})`;
    return { path, values: {}, problems: [{ level: demanded ? 'error' : 'warning', message }] };
  }
}

export function parseEnvFile(path: string, text: string): EnvFile {
  const values = Object.fromEntries(
    Object.entries(parseEnv(text)).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const problems = unreadable(text).map(
    (number): SettingProblem => ({
      level: 'warning',
      message: `${path}, line ${number}: expected NAME=value`,
    }),
  );
  return { path, values, problems };
}

/** Numbers of the lines that `parseEnv` passes over, though they are neither empty nor comments. */
function unreadable(text: string): number[] {
  let quote = '';
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (quote !== '') {
      if (line.includes(quote)) quote = '';
      return [];
    }
    if (/^\s*(#.*)?$/.test(line)) return [];
    const [, value] = /^\s*(?:export\s+)?[A-Za-z_][\w.-]*\s*=\s*(.*)$/.exec(line) ?? [];
    if (value === undefined) return [index + 1];
    const [, opened, rest = ''] = /^(["'`])(.*)$/.exec(value) ?? [];
    if (opened !== undefined && !rest.includes(opened)) quote = opened;
    return [];
  });
}
