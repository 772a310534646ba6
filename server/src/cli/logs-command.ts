import { parseConsoleLine } from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime';
import type { Command } from 'commander';
import type { CliContext, CommandResult } from './cli-context.ts';
import { type ClientOptions, openClient, withClientOptions } from './client-options.ts';
import type { ServerClient } from './server-client.ts';

const WAIT_S = 20;
/** A server that is being restarted is asked again after this long. */
const RETRY_MS = 1000;

interface Options extends ClientOptions {
  readonly follow: boolean;
  readonly raw: boolean;
}

export function addLogsCommand(
  program: Command,
  context: CliContext,
  finish: (result: CommandResult) => void,
): void {
  withClientOptions(program.command('logs'))
    .description('Print the console of a job.')
    .argument('<job>', 'pipeline/counter/stage/counter/job; a counter may be "latest"')
    .option('-f, --follow', 'go on until the job is over', false)
    .option('--raw', 'with the tags in front of the lines, as the agent wrote them', false)
    .addHelpText(
      'after',
      '\nExample:\n  go-server logs -f app/latest/test/latest/unit\n\nExit codes: 0 printed, 1 failed, 2 wrong usage',
    )
    .action(async (job: string, options: Options) => {
      const path = consolePath(job);
      await using client = await openClient(options, context);
      const print = options.raw ? context.out : linePrinter(context.out);
      if (options.follow) await follow(client, path, print, context);
      else await printFrom(client, path, 0, undefined, print, context.stop);
      finish(0);
    });
}

/** @throws AppError `usage` if it is no locator of a job */
function consolePath(job: string): string {
  const parts = job.split('/');
  const [, counter = '', , stageCounter = ''] = parts;
  const areCounters = [counter, stageCounter].every((text) => /^([1-9]\d*|latest)$/i.test(text));
  if (parts.length === 5 && areCounters && parts.every((part) => part !== ''))
    return `/files/${parts.map(encodeURIComponent).join('/')}/cruise-output/console.log`;
  const form = 'pipeline/counter/stage/counter/job, such as app/latest/test/latest/unit';
  throw new AppError('usage', `A job is named by ${form}, and not by "${job}"`);
}

/** Prints from an offset on, so a connection that breaks costs nothing and repeats nothing. */
async function follow(
  client: ServerClient,
  path: string,
  print: (text: string) => void,
  context: CliContext,
): Promise<void> {
  let offset = 0;
  let wait: number | undefined;
  while (!context.stop.aborted) {
    try {
      const answer = await printFrom(client, path, offset, wait, print, context.stop);
      if (answer.over && answer.next === offset) return;
      offset = answer.next;
      wait = WAIT_S;
    } catch (error) {
      if (context.stop.aborted) return;
      if (!(error instanceof AppError && error.retryable) || wait === undefined) throw error;
      await context.clock.sleep(RETRY_MS, context.stop);
    }
  }
}

async function printFrom(
  client: ServerClient,
  path: string,
  offset: number,
  wait: number | undefined,
  print: (text: string) => void,
  signal: AbortSignal,
): Promise<{ readonly next: number; readonly over: boolean }> {
  const prefer: Record<string, string> = wait === undefined ? {} : { prefer: `wait=${wait}` };
  const { headers, body } = await client.open('GET', `${path}?offset=${offset}`, prefer, undefined, signal);
  const decoder = new TextDecoder();
  let next = offset;
  try {
    for await (const chunk of body) {
      next += (chunk as Buffer).length;
      print(decoder.decode(chunk as Buffer, { stream: true }));
    }
  } catch (error) {
    // What came before the connection broke is printed; the next request goes on after it.
    if (signal.aborted || next === offset) throw error;
  }
  return { next, over: headers['job-state'] === 'completed' };
}

/** Prints whole lines, each without its tag. */
function linePrinter(print: (text: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    print(lines.map((line) => `${withoutTag(line)}\n`).join(''));
  };
}

function withoutTag(line: string): string {
  const { time, text } = parseConsoleLine(line);
  return time === undefined ? text : `${time} ${text}`;
}
