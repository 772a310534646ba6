import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One row of the table in docs/operations.md. */
export interface DocumentedFault {
  readonly key: string;
  readonly check: string;
  readonly result: string;
  /** What doctor says; `…` stands for any text. */
  readonly says: RegExp;
}

const PAGE = join(import.meta.dirname, '..', '..', '..', 'docs', 'operations.md');

export function documentedFaults(): DocumentedFault[] {
  const page = readFileSync(PAGE, 'utf8');
  return page.split('\n').flatMap((line): DocumentedFault[] => {
    const [, key, check, result, says] =
      /^\| `([a-z0-9-]+)` \| .* \| `([a-z-]+)` \| (ok|warn|fail|skipped) \| (.*) \|$/.exec(line) ?? [];
    if (key === undefined || check === undefined || result === undefined || says === undefined) return [];
    return [{ key, check, result, says: patternOf(says) }];
  });
}

function patternOf(says: string): RegExp {
  const parts = says.split('…').map((part) => RegExp.escape(part.replaceAll('\\|', '|')));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
