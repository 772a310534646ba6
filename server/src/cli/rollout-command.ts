import { AppError } from '@go-agent/runtime';
import { type Command, InvalidArgumentError } from 'commander';
import type { CliContext, CommandResult } from './cli-context.ts';
import { type ClientOptions, openClient, withClientOptions } from './client-options.ts';
import { rolloutAnswer, rolloutText } from './rollout-text.ts';

const EXIT_CODES = 'Exit codes: 0 done, 1 refused or failed, 2 wrong usage';

interface StartOptions extends ClientOptions {
  readonly percent?: number;
  readonly resource?: string[];
  readonly environment?: string[];
  readonly maxFailed?: number;
  readonly minVerdicts?: number;
  readonly base?: string;
  readonly replace?: boolean;
}
interface TargetOptions extends ClientOptions {
  readonly agent?: string;
  readonly resource?: string;
}

export function addRolloutCommand(
  program: Command,
  context: CliContext,
  finish: (result: CommandResult) => void,
): void {
  const rollout = program
    .command('rollout')
    .description('Who gets which release of the agent: in rings, pinned, or not at all for now.')
    .addHelpText(
      'after',
      `\nExample:\n  go-server rollout start 2.1.0 --percent 10\n  go-server rollout status\n  go-server rollout start 2.1.0 --percent 100\n\n${EXIT_CODES}`,
    );
  const sub = (usage: string, description: string, example: string) =>
    withClientOptions(rollout.command(usage))
      .description(description)
      .option('--json', "print the server's answer", false)
      .addHelpText('after', `\nExample:\n  go-server rollout ${example}\n\n${EXIT_CODES}`);
  const send = async (options: ClientOptions, path: string, body: object): Promise<void> => {
    await using client = await openClient(options, context);
    const answer = await client.postJson(`/api/rollout/${path}`, 1, body, context.stop);
    const { message } = rolloutAnswer.parse(answer);
    context.out(
      (options as { readonly json?: boolean }).json ? `${JSON.stringify(answer, null, 2)}\n` : `${message}\n`,
    );
    finish(0);
  };

  sub(
    'status',
    'Who runs what, who is offered what, and why. Exit code 3: the roll-out is halted.',
    'status',
  ).action(async (options: ClientOptions & { readonly json: boolean }) => {
    await using client = await openClient(options, context);
    const answer = await client.getJson('/api/rollout', 1, context.stop);
    const { text, isHalted } = rolloutText(answer);
    context.out(options.json ? `${JSON.stringify(answer, null, 2)}\n` : text);
    finish(isHalted ? 3 : 0);
  });

  sub(
    'start <version>',
    'Roll a release out, or let the ring of the one that goes on grow.',
    'start 2.1.0 --resource canary --percent 1',
  )
    .option('--percent <number>', 'of the agents, always the same ones', number)
    .option('--resource <names...>', 'agents with one of these resources')
    .option('--environment <names...>', 'agents in one of these environments')
    .option('--max-failed <percent>', 'halt when more of the probations fail; 10 if not given', number)
    .option('--min-verdicts <number>', 'but not before so many have ended; 5 if not given', number)
    .option('--base <version>', 'what all others get; if not given, what everybody had before')
    .option('--replace', 'give up a roll-out that is not complete')
    .action(async (version: string, options: StartOptions) =>
      send(options, 'start', {
        version,
        percent: options.percent,
        resources: options.resource,
        environments: options.environment,
        max_failed_percent: options.maxFailed,
        min_verdicts: options.minVerdicts,
        base: options.base,
        replace: options.replace,
      }),
    );

  sub('resume', 'Go on after a halt; failures are counted anew.', 'resume').action((options: ClientOptions) =>
    send(options, 'resume', {}),
  );
  sub('end', 'Forget the roll-out: everybody gets the newest release.', 'end').action(
    (options: ClientOptions) => send(options, 'end', {}),
  );
  sub('freeze', 'Nobody is upgraded any more, but who is pinned.', 'freeze --reason "release day"')
    .option('--reason <text>', 'for those who look at the status')
    .action((options: ClientOptions & { readonly reason?: string }) =>
      send(options, 'freeze', { reason: options.reason }),
    );
  sub('unfreeze', 'Upgrade again.', 'unfreeze').action((options: ClientOptions) =>
    send(options, 'unfreeze', {}),
  );
  withTarget(
    sub(
      'pin <version>',
      'One agent, or all with a resource, get this release and no other.',
      'pin 2.0.3 --resource windows',
    ),
  ).action((version: string, options: TargetOptions) =>
    send(options, 'pin', { version, ...targetOf(options) }),
  );
  withTarget(sub('unpin', 'They get what all others get.', 'unpin --resource windows')).action(
    (options: TargetOptions) => send(options, 'unpin', targetOf(options)),
  );
}

function withTarget(command: Command): Command {
  return command
    .option('--agent <uuid>', 'this agent')
    .option('--resource <name>', 'agents with this resource');
}

function targetOf({ agent, resource }: TargetOptions): object {
  if ((agent === undefined) === (resource === undefined))
    throw new AppError('usage', 'Name either --agent <uuid> or --resource <name>');
  return agent === undefined ? { resource } : { agent };
}

function number(text: string): number {
  if (!/^\d+(?:\.\d+)?$/.test(text)) throw new InvalidArgumentError('It is not a number.');
  return Number(text);
}
