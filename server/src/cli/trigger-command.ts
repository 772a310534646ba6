import { AppError } from '@go-agent/runtime';
import type { Command } from 'commander';
import type { CliContext, CommandResult } from './cli-context.ts';
import { type ClientOptions, openClient, withClientOptions } from './client-options.ts';
import { followRun, knownProblems } from './follow-run.ts';
import type { ServerClient } from './server-client.ts';
import { serverEvents } from './server-events.ts';

interface Options extends ClientOptions {
  readonly wait: boolean;
  readonly var: readonly string[];
  readonly json: boolean;
}

export function addTriggerCommand(
  program: Command,
  context: CliContext,
  finish: (result: CommandResult) => void,
): void {
  withClientOptions(program.command('trigger'))
    .description('Schedule a pipeline.')
    .argument('<pipeline>', 'its name')
    .option('--wait', 'until it has ended; exit code 1 if it has not passed', false)
    .option('--var <name=value>', 'value for a variable of the pipeline; may be repeated', collect, [])
    .option('--json', 'print JSON: the answer, or with --wait the pipeline instance at its end', false)
    .addHelpText(
      'after',
      '\nExample:\n  go-server trigger app --wait --var TARGET=staging\n\nExit codes: 0 accepted (with --wait: passed), 1 failed, 2 wrong usage',
    )
    .action(async (pipeline: string, options: Options) => {
      await using client = await openClient(options, context);
      finish(await trigger(client, pipeline, options, context));
    });
}

async function trigger(
  client: ServerClient,
  pipeline: string,
  options: Options,
  context: CliContext,
): Promise<CommandResult> {
  const body = { environment_variables: options.var.map(variable) };
  const path = `/api/pipelines/${encodeURIComponent(pipeline)}/schedule`;
  if (!options.wait) {
    const answer = await client.postJson(path, 1, body, context.stop);
    context.out(
      options.json
        ? `${JSON.stringify(answer, null, 2)}\n`
        : `Request to schedule pipeline ${pipeline} accepted\n`,
    );
    return 0;
  }
  // Listening begins before the request: what it causes cannot be missed.
  await using events = await serverEvents(client, context.stop);
  const known = await knownProblems(client, context.stop);
  await client.postJson(path, 1, body, context.stop);
  const progress = options.json ? () => undefined : context.out;
  const run = await followRun({ client, pipeline, events, progress, known, signal: context.stop });
  if (options.json) context.out(`${JSON.stringify(run.instance, null, 2)}\n`);
  return run.outcome === 'passed' || run.outcome === 'waiting' ? 0 : 1;
}

function variable(text: string): { readonly name: string; readonly value: string } {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new AppError('usage', `--var must be NAME=VALUE, not "${text}"`);
  return { name, value };
}

function collect(item: string, items: readonly string[]): string[] {
  return [...items, item];
}
