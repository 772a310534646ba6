import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { AdminToken } from '../security/admin-token.ts';
import type { CliContext, CommandResult } from './cli-context.ts';

export function addTokenCommand(
  program: Command,
  context: CliContext,
  finish: (result: CommandResult) => void,
): void {
  program
    .command('token')
    .description('Make a new admin token. The old one ends at once; a running server need not be restarted.')
    .requiredOption('--reset', 'yes, replace the token')
    .addOption(new Option('--data <dir>', 'data folder of the server').env('GO_SERVER_DATA').default('var'))
    .addHelpText(
      'after',
      '\nExample:\n  go-server token --reset --data /var/lib/go-server\n\nExit codes: 0 made, 1 failed, 2 wrong usage',
    )
    .action(async ({ data }: { readonly data: string }) => {
      context.out(`${await new AdminToken(resolve(context.cwd, data)).reset()}\n`);
      finish(0);
    });
}
