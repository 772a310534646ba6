import { resolve } from 'node:path';
import { Argument, type Command } from 'commander';
import { completion, type Shell, shells } from './completion.ts';
import { explainConfig } from './config.ts';
import type { CommandContext } from './context.ts';
import { checkList, checkNames, doctor } from './doctor.ts';
import { exitCodes } from './exit-codes.ts';
import { newGuid } from './new-guid.ts';
import { settingSources, withRunOptions } from './run-options.ts';
import { showVersions } from './version.ts';

type AddCommand = (name: string, description: string, example: string, below?: Command) => Command;

interface JsonFlags {
  readonly home: string;
  readonly json: boolean;
}

/** Adds the commands that look at an agent and what it is set to, whether it runs or not. */
export function addOperatorCommands(
  command: AddCommand,
  program: Command,
  context: CommandContext,
  args: readonly string[],
  done: (exitCode: number) => void,
): void {
  withRunOptions(
    command(
      'doctor',
      'Look for what is wrong with the agent, its machine and the way to its server, and say what to do. Changes nothing; works whether the agent runs or not.',
      'go-agent doctor --home /var/lib/go-agent\n  go-agent doctor tls token --json',
    ),
  )
    .addArgument(checksArgument())
    .option('--strict', 'warnings count as failures', false)
    .option('--json', 'for a program to read', false)
    .addHelpText(
      'after',
      `\nExit code 1 if a check fails, or with --strict warns.\n\nChecks:\n${checkList()}`,
    )
    .action(
      async (only: string[], flags: { json: boolean; strict: boolean; bundles?: string }, self: Command) => {
        const { json, strict, bundles } = flags;
        const sources = settingSources(context, self, args);
        const given = bundles === undefined ? {} : { bundles: resolve(context.cwd, bundles) };
        done(await doctor(context, { only, json, strict, sources, ...given }));
      },
    );

  const config = program
    .command('config')
    .description('Settings, and the identity of the agent.')
    .addHelpText(
      'after',
      `\nExample:\n  go-agent config explain\n${exitCodes('ok', 'failed', 'usage', 'locked')}`,
    );
  withRunOptions(
    command(
      'explain',
      'Show every setting, its value and where that came from: flag, environment, file or default. Takes the options of go-agent run.',
      'go-agent config explain --home /var/lib/go-agent\n  go-agent config explain --set workspace-max-age=7d --json',
      config,
    ),
  )
    .option('--json', 'for a program to read', false)
    .addHelpText('after', '\nExit code 1 if a setting would keep the agent from starting.')
    .action(async ({ json }: { json: boolean }, self: Command) =>
      done(await explainConfig(context, settingSources(context, self, args), { json })),
    );
  command(
    'new-guid',
    'Give the agent a new identity: for a copy of a machine or home folder, whose guid is that of the original. Refused while an agent runs there.',
    'go-agent stop && go-agent config new-guid && go-agent start',
    config,
  )
    .option('--json', 'for a program to read', false)
    .action(async ({ home, json }: JsonFlags) => done(await newGuid(context, { home: resolve(home), json })));

  program
    .command('completion')
    .description('Print a script by which a shell completes commands and options.')
    .addArgument(new Argument('<shell>', 'for which shell').choices(shells))
    .addHelpText(
      'after',
      `\nExample:\n  source <(go-agent completion bash)\n  go-agent completion fish > ~/.config/fish/completions/go-agent.fish\n${exitCodes('ok', 'usage')}`,
    )
    .action((shell: Shell) => done(completion(context, program, shell)));

  command('version', 'Show the versions of what is installed, and of what runs.', 'go-agent version --json')
    .option('--json', 'for a program to read', false)
    .action(async ({ home, json }: JsonFlags) =>
      done(await showVersions(context, { home: resolve(home), json })),
    );
}

/** For completion it has choices; `doctor` itself says what may be meant by another word. */
function checksArgument(): Argument {
  return Object.assign(new Argument('[checks...]', 'only these, by name'), { argChoices: checkNames() });
}
