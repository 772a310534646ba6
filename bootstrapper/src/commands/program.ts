import { resolve } from 'node:path';
import { ExitCode } from '@go-agent/protocol/launch-contract';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { logComponents } from '../home-files.ts';
import { chooseEnvFile, takeBackEnvFile } from '../settings/choose-env-file.ts';
import { addCloudInitCommand } from './cloud-init.ts';
import type { CommandContext } from './context.ts';
import { addControlCommands } from './control-commands.ts';
import { exitCodes } from './exit-codes.ts';
import { type LogsOptions, logs } from './logs.ts';
import { addOperatorCommands } from './operator-commands.ts';
import { run } from './run.ts';
import { placeOptions, runOptions, withRunOptions } from './run-options.ts';
import { addServiceCommand } from './service.ts';
import { start } from './start.ts';
import { status } from './status.ts';

const allCodes = exitCodes('ok', 'failed', 'usage', 'notRunning', 'locked');

/** Runs the command that `args` (without the program's own name) ask for. Resolves to the exit code. */
export async function runProgram(context: CommandContext, args: readonly string[]): Promise<number> {
  let exitCode: number = ExitCode.ok;
  takeBackEnvFile(args, context.environment, context.cwd);
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

/** All commands, as commander has them. */
export function buildProgram(
  context: CommandContext,
  args: readonly string[],
  done: (code: number) => void,
): Command {
  const program = new Command('go-agent')
    .description('Runs a build agent and keeps it, and its launcher, running and up to date.')
    .version(context.version)
    .addHelpText(
      'after',
      `\nExample:\n  go-agent start --server-url https://gocd.example.com:8154/go\n  go-agent doctor\n${allCodes}`,
    )
    .configureOutput({
      writeOut: (text) => context.print(text.trimEnd()),
      writeErr: (text) => context.printError(text.trimEnd()),
    })
    .exitOverride();
  const envFile = chooseEnvFile(args, context.environment, context.cwd);
  const command = (name: string, description: string, example: string, below: Command = program) => {
    const added = below
      .command(name)
      .description(description)
      .addHelpText('after', `\nExample:\n  ${example}\n${allCodes}`);
    for (const option of placeOptions(context, envFile)) added.addOption(option);
    return added;
  };

  withRunOptions(
    command(
      'run',
      'Run in the foreground. SIGTERM lets a running job finish, a second one cancels it; Ctrl-C ends the agent, a second one at once. SIGHUP reads the settings anew.',
      'go-agent run --home /var/lib/go-agent --server-url https://gocd.example.com:8154/go --resources linux,docker',
    ),
  ).action(async (_flags, self: Command) => done(await run(context, runOptions(context, self, args))));

  withRunOptions(
    command(
      'start',
      'Run in the background; waits until the agent runs, or says why it does not. An agent that runs, but cannot work yet (its server is away, or has to approve it), goes on trying: that is said, and the exit code is 0.',
      'go-agent start --home /var/lib/go-agent --server-url https://gocd.example.com:8154/go',
    ),
  ).action(async (_flags, self: Command) => {
    done(await start(context, runOptions(context, self, args), args.slice(args.indexOf('start') + 1)));
  });

  addControlCommands(command, context, done);

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
  addServiceCommand(program, context, done);
  addCloudInitCommand(program, context, done);
  addOperatorCommands(command, program, context, args, done);
  return program;
}

function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Must be a whole number.');
  return Number(text);
}
