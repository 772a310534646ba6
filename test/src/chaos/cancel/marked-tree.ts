import { leftovers, type TreeKind } from '@go-agent/runtime/testing';

/**
 * Stands in the command line of every process of a tree, so that none is missed that has cleared its environment: it is
 * the number of seconds for which they sleep. Fixed length, so that none is the beginning of another.
 */
export function treeMark(index: number): string {
  return `300.${String(process.pid).padStart(8, '0')}${String(index).padStart(6, '0')}`;
}

export function markedScript({ script }: TreeKind, mark: string): string {
  return script.replaceAll('300', mark);
}

/** Counts and kills what is left of a tree. */
export function endSurvivors(mark: string, not: readonly number[] = []): string[] {
  const left = leftovers(mark).filter(({ pid }) => !not.includes(pid));
  for (const { pid } of left) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone in the meantime.
    }
  }
  return left.map(({ pid, command }) => `${pid} ${command}`);
}
