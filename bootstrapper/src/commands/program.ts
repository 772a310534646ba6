import { resolve } from 'node:path';
import { ExitCode } from '@go-agent/protocol/launch-contract';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { logComponents } from '../home-files.ts';
import { parseServerUrl } from '../server-url.ts';
import { parseSettings, type SettingFlags } from '../settings.ts';
import type { CommandContext, RunOptions } from './context.ts';
import { type LogsOptions, logs } from './logs.ts';
import { run } from './run.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';

interface RunFlags extends SettingFlags {
  readonly home: string;
  readonly serverUrl: string;
  readonly bundles?: string;
}

const exitCodes = `
Exit codes: ${ExitCode.ok} done, ${ExitCode.failed} failed, ${ExitCode.usage} wrong usage, ${ExitCode.notRunning} not running, ${ExitCode.locked} another go-agent holds the home folder`;

/** Runs the command that `args` (without the program's own name) ask for. Resolves to the exit code. */
export async function runProgram(context: CommandContext, args: readonly string[]): Promise<number> {
  let exitCode: number = ExitCode.ok;
  const program = buildProgram(context, args, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  }
  return exitCode;
}

function buildProgram(
  context: CommandContext,
  args: readonly string[],
  done: (code: number) => void,
): Command {
  const program = new Command('go-agent')
    .description('Runs a build agent and keeps it, and its launcher, running and up to date.')
    .version(context.version)
    .configureOutput({
      writeOut: (text) => context.print(text.trimEnd()),
      writeErr: (text) => context.printError(text.trimEnd()),
    })
    .exitOverride();
  const command = (name: string, description: string, example: string) =>
    program
      .command(name)
      .description(description)
      .addOption(home())
      .addHelpText('after', `\nExample:\n  ${example}\n${exitCodes}`);

  withRunOptions(
    command(
      'run',
      'Run in the foreground. SIGTERM or Ctrl-C ends the agent properly, a second one at once.',
      'go-agent run --home /var/lib/go-agent --server-url https://gocd.example.com:8154/go --resources linux,docker',
    ),
  ).action(async (flags: RunFlags, self: Command) => done(await run(context, runOptions(flags, self))));

  withRunOptions(
    command(
      'start',
      'Run in the background; waits until the agent runs, or says why it does not.',
      'go-agent start --home /var/lib/go-agent --server-url https://gocd.example.com:8154/go',
    ),
  ).action(async (flags: RunFlags, self: Command) => {
    done(await start(context, runOptions(flags, self), args.slice(args.indexOf('start') + 1)));
  });

  command(
    'stop',
    'End the agent and its bootstrapper, and say how it went.',
    'go-agent stop --home /var/lib/go-agent',
  )
    .option('--timeout <seconds>', 'how long the agent may take before it is ended by force', seconds, 60)
    .action(async (flags: { home: string; timeout: number }) => {
      done(await stop(context, { home: resolve(flags.home), timeoutMs: flags.timeout * 1000 }));
    });

  command('status', 'Show what runs, since when, and how the last launch ended.', 'go-agent status --json')
    .option('--json', 'for a program to read', false)
    .action(async (flags: { home: string; json: boolean }) => {
      done(await status(context, { home: resolve(flags.home), json: flags.json }));
    });

  command('logs', 'Show the end of a log.', 'go-agent logs -f --component agent')
    .option('-f, --follow', 'go on with what is added, until interrupted', false)
    .option('-n, --lines <count>', 'lines to begin with', count, 20)
    .addOption(new Option('--component <name>', 'whose log').choices(logComponents).default('agent'))
    .action(async (flags: LogsOptions) => done(await logs(context, { ...flags, home: resolve(flags.home) })));
  return program;
}

function home(): Option {
  return new Option('--home <folder>', 'the folder in which the agent lives')
    .env('GO_AGENT_HOME')
    .default('.', 'the current folder');
}

function withRunOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--server-url <url>', "the server; ends in '/go'")
        .env('GO_SERVER_URL')
        .makeOptionMandatory(),
    )
    .option('--resources <list>', 'resources to register with, separated by commas')
    .option('--environments <list>', 'environments to register with, separated by commas')
    .option('--hostname <name>', 'name to register with')
    .option('--auto-register-key-file <file>', 'file that holds the key for automatic registration', (file) =>
      resolve(file),
    )
    .option(
      '--run-jobs-as <user>',
      "user as whom jobs run, so that they cannot read the agent's token; needs root",
    )
    .option(
      '--set <name=value>',
      'any other setting; may be repeated',
      (pair: string, before: string[] | undefined) => [...(before ?? []), pair],
    )
    .addOption(
      new Option('--bundles <folder>', 'use the bundles in this folder instead of those carried').hideHelp(),
    );
}

function runOptions(flags: RunFlags, command: Command): RunOptions {
  const url = parseServerUrl(flags.serverUrl);
  if (!url.ok) command.error(`go-agent: ${url.message}`);
  const parsed = parseSettings(flags);
  if (!parsed.ok) command.error(`go-agent: ${parsed.message}`);
  return {
    home: resolve(flags.home),
    serverUrl: url.url,
    settings: parsed.settings,
    ...(flags.bundles === undefined ? {} : { bundles: resolve(flags.bundles) }),
  };
}

function seconds(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('Must be a number of seconds.');
  return Number(text);
}

function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Must be a whole number.');
  return Number(text);
}
