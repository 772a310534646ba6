import { ExitCode } from '@go-agent/protocol/launch-contract';
import { homeFiles, type LogComponent } from '../home-files.ts';
import type { CommandContext } from './context.ts';
import { LogFollower } from './log-follower.ts';

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
  await using follower = new LogFollower(path);
  const first = await follower.tail(TAIL_BYTES);
  if (first === undefined && !follow) {
    context.printError(`go-agent: there is no log ${path}. Remedy: check --home, or start the agent first.`);
    return ExitCode.failed;
  }
  for (const line of lastLines(first ?? '', lines)) context.print(line);
  let rest = '';
  while (follow && (await context.clock.sleep(LOOK_EVERY_MS, context.stop))) {
    const complete = (rest + (await follower.added())).split('\n');
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
