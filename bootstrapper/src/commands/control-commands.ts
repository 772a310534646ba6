import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { parseTime } from '../settings/judge-value.ts';
import type { CommandContext } from './context.ts';
import { drain } from './drain.ts';
import { restart } from './restart.ts';
import { resume } from './resume.ts';
import { stop } from './stop.ts';

type AddCommand = (name: string, description: string, example: string) => Command;

interface StopFlags {
  readonly home: string;
  readonly now: boolean;
  readonly drainTimeout?: number;
  readonly timeout: number;
}

interface DrainFlags {
  readonly home: string;
  readonly deadline?: number;
  readonly wait: boolean;
  readonly json: boolean;
}

interface RestartFlags {
  readonly home: string;
  readonly retryUpgrades: boolean;
  readonly json: boolean;
}

/** Adds the commands that tell a running go-agent what to do. */
export function addControlCommands(
  command: AddCommand,
  context: CommandContext,
  done: (exitCode: number) => void,
): void {
  command(
    'stop',
    'End the agent and its bootstrapper. A running job may finish first, for as long as --drain-timeout of go-agent run says; one that takes longer is cancelled and reported as such.',
    'go-agent stop --home /var/lib/go-agent --drain-timeout 30m\n  go-agent stop --now',
  )
    .option(
      '--now',
      'end a running job at once, without a report: the server gives it to another agent',
      false,
    )
    .option('--drain-timeout <time>', 'another time for the running job, such as 90s or 30m', time)
    .option(
      '--timeout <seconds>',
      'how long the agent may take after that before it is ended by force',
      seconds,
      60,
    )
    .action(async (flags: StopFlags) => {
      const { now, drainTimeout } = flags;
      const patience = { timeoutMs: flags.timeout * 1000, now };
      done(
        await stop(context, {
          home: resolve(flags.home),
          ...patience,
          ...(drainTimeout === undefined ? {} : { drainTimeoutMs: drainTimeout }),
        }),
      );
    });

  command(
    'drain',
    'Have the agent finish its job and take no more. It stays, and lasts until go-agent resume, or until go-agent ends.',
    'go-agent drain --wait && sudo apt upgrade && go-agent resume\n  go-agent drain --deadline 30m',
  )
    .option(
      '--deadline <time>',
      'cancel a job that has not ended by then, such as 90s or 30m; 0: at once',
      time,
    )
    .option('--wait', 'return when there is no job any more', false)
    .option('--json', 'for a program to read', false)
    .action(async ({ home, deadline, wait, json }: DrainFlags) => {
      const limit = deadline === undefined ? {} : { deadlineMs: deadline };
      done(await drain(context, { home: resolve(home), wait, json, ...limit }));
    });

  command('resume', 'Have a drained agent take work again.', 'go-agent resume --home /var/lib/go-agent')
    .option('--json', 'for a program to read', false)
    .action(async ({ home, json }: DrainFlags) => done(await resume(context, { home: resolve(home), json })));

  command(
    'restart',
    'Start launcher and agent anew. A running job goes on, and the next agent takes it over. go-agent itself stays.',
    'go-agent restart --home /var/lib/go-agent\n  go-agent restart --retry-upgrades',
  )
    .option(
      '--retry-upgrades',
      'forget which versions were refused or have failed here: what the server offers is tried again',
      false,
    )
    .option('--json', 'for a program to read', false)
    .action(async ({ home, json, retryUpgrades }: RestartFlags) =>
      done(await restart(context, { home: resolve(home), json, retryUpgrades })),
    );
}

function seconds(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('Must be a number of seconds.');
  return Number(text);
}

function time(text: string): number {
  const ms = parseTime(text);
  if (ms === undefined)
    throw new InvalidArgumentError('Must be a number with one of the units ms, s, m, h, d.');
  return ms;
}
