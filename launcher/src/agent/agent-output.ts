import { mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const MAX_BYTES = 10 * 1024 * 1024;

/**
 * Opens what the agent process prints by itself: next to nothing, but the last words of a crash. The file is
 * `logs/go-agent-out.log`, with one older one beside it. Returns the descriptor.
 */
export function openAgentOutput(home: string): number {
  const path = join(home, 'logs', 'go-agent-out.log');
  mkdirSync(join(home, 'logs'), { recursive: true });
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > MAX_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o640);
}
