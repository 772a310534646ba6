import type { Command } from 'commander';
import { z } from 'zod';
import type { CliContext, CommandResult } from './cli-context.ts';
import { type ClientOptions, openClient, withClientOptions } from './client-options.ts';

const answer = z.object({ encrypted_value: z.string() });

export function addEncryptCommand(
  program: Command,
  context: CliContext,
  finish: (result: CommandResult) => void,
): void {
  withClientOptions(program.command('encrypt'))
    .description(
      'Encrypt a secret for a pipeline file. It is read from the standard input, without the line end.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  go-server encrypt < password.txt\n\nExit codes: 0 printed, 1 failed, 2 wrong usage',
    )
    .action(async (options: ClientOptions) => {
      const value = (await context.readInput()).replace(/\r?\n$/, '');
      await using client = await openClient(options, context);
      const sealed = answer.parse(await client.postJson('/api/admin/encrypt', 1, { value }, context.stop));
      context.out(`${sealed.encrypted_value}\n`);
      finish(0);
    });
}
