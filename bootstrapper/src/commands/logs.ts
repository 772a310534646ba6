import { open, stat } from 'node:fs/promises';
import { ExitCode } from '@go-agent/protocol/launch-contract';
import { homeFiles, type LogComponent } from '../home-files.ts';
import type { CommandContext } from './context.ts';

export interface LogsOptions {
  readonly home: string;
  readonly component: LogComponent;
  readonly lines: number;
  readonly follow: boolean;
}

const LOOK_EVERY_MS = 250;
/** Enough for the last lines of any ordinary log. */
const TAIL_BYTES = 1024 * 1024;

/** `go-agent logs`: the end of a log, and with `follow` what is added to it, across rotation, until interrupted. */
export async function logs(
  context: CommandContext,
  { home, component, lines, follow }: LogsOptions,
): Promise<number> {
  const path = homeFiles(home).log(component);
  const first = await sizeAndId(path);
  if (first === undefined && !follow) {
    context.printError(`go-agent: there is no log ${path}. Remedy: check --home, or start the agent first.`);
    return ExitCode.failed;
  }
  if (first !== undefined) {
    const text = await readRange(path, Math.max(0, first.size - TAIL_BYTES), first.size);
    for (const line of lastLines(text, lines)) context.print(line);
  }
  let seen = first;
  let rest = '';
  while (follow && (await context.clock.sleep(LOOK_EVERY_MS, context.stop))) {
    const now = await sizeAndId(path);
    if (now === undefined) continue;
    const from = seen?.id === now.id && now.size >= seen.size ? seen.size : 0;
    seen = now;
    if (now.size === from) continue;
    const complete = (rest + (await readRange(path, from, now.size))).split('\n');
    rest = complete.pop() ?? '';
    for (const line of complete) context.print(line);
  }
  return ExitCode.ok;
}

/** The last `count` lines of a text; a first line that may be cut is dropped only if there are more than enough. */
function lastLines(text: string, count: number): string[] {
  if (count === 0) return [];
  const all = text.split('\n');
  if (all.at(-1) === '') all.pop();
  return all.slice(-count);
}

async function sizeAndId(path: string): Promise<{ size: number; id: string } | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && { size: found.size, id: `${found.dev}:${found.ino}` };
}

async function readRange(path: string, from: number, to: number): Promise<string> {
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from);
  return buffer.toString('utf8', 0, bytesRead);
}
