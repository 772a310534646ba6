import { AppError, describeError } from '@go-agent/runtime';
import { Command, CommanderError } from 'commander';
import { VERSION } from '../version.ts';
import { addAgentsCommand } from './agents-command.ts';
import type { CliContext, CommandResult } from './cli-context.ts';
import { addEncryptCommand } from './encrypt-command.ts';
import { addLogsCommand } from './logs-command.ts';
import { addReleaseCommand } from './release-command.ts';
import { addRolloutCommand } from './rollout-command.ts';
import { addStartCommand } from './start-command.ts';
import { addTokenCommand } from './token-command.ts';
import { addTriggerCommand } from './trigger-command.ts';

/** Runs `go-server <args>`; never rejects. */
export async function runCli(args: readonly string[], context: CliContext): Promise<CommandResult> {
  let result: CommandResult = 0;
  const finish = (value: CommandResult) => {
    result = value;
  };
  try {
    await buildProgram(context, finish).parseAsync(args, { from: 'user' });
    return result;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (context.stop.aborted) return 1;
    context.err(`go-server: ${describeError(error)}\n`);
    return error instanceof AppError && error.code === 'usage' ? 2 : 1;
  }
}

/** All commands, as commander has them. */
export function buildProgram(context: CliContext, finish: (result: CommandResult) => void): Command {
  const program = new Command('go-server')
    .description('The server of go-agent: pipelines, agents, artifacts. Speaks the API of GoCD.')
    .version(`go-server ${VERSION}`)
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.out(text), writeErr: (text) => context.err(text) })
    .addHelpText(
      'after',
      '\nExample:\n  go-server start --data var --pipelines pipelines\n\nExit codes: 0 done, 1 failed, 2 wrong usage',
    );
  addStartCommand(program, context, finish);
  addTriggerCommand(program, context, finish);
  addAgentsCommand(program, context, finish);
  addLogsCommand(program, context, finish);
  addReleaseCommand(program, context, finish);
  addRolloutCommand(program, context, finish);
  addTokenCommand(program, context, finish);
  addEncryptCommand(program, context, finish);
  program
    .command('version')
    .description('Print the version.')
    .addHelpText('after', '\nExample:\n  go-server version\n\nExit codes: 0 printed, 2 wrong usage')
    .action(() => context.out(`go-server ${VERSION}\n`));
  return program;
}
