import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandBuilder, type CommandBuilderWithArgList, ConsoleTag } from '@go-agent/protocol';
import type { SpawnFailureReason } from '@go-agent/runtime/core';
import { ErrorStringWatch } from './error-string-watch.ts';
import { splitArguments } from './split-arguments.ts';
import type { TaskContext, TaskOutcome } from './task-context.ts';

/** Runs a program directly, without a shell (agent-protocol 4.9). */
export async function runCommandTask(
  builder: CommandBuilder | CommandBuilderWithArgList,
  context: TaskContext,
): Promise<TaskOutcome> {
  const { console, environment, processes } = context;
  const cwd = resolve(context.assignment.agent.home, builder.workingDir.path);
  if (!(await isDirectory(cwd))) {
    console.line(ConsoleTag.taskError, `Working directory "${cwd}" is not a directory!`);
    return { passed: false };
  }
  const split =
    typeof builder.args === 'string'
      ? splitArguments(builder.args)
      : { ok: true as const, args: builder.args };
  if (!split.ok) {
    console.line(ConsoleTag.taskError, split.message);
    return { passed: false };
  }
  const errors = new ErrorStringWatch(builder.errorString);
  const outcome = await processes.run({
    command: builder.command,
    args: split.args,
    cwd,
    env: environment,
    stdout: ConsoleTag.taskOut,
    stderr: ConsoleTag.taskError,
    signal: context.cancelled,
    ...(builder.errorString === '' ? {} : { watch: (chunk) => errors.write(chunk) }),
  });
  if (outcome.kind === 'cancelled') return { passed: false };
  if (outcome.kind === 'exited') {
    return { passed: outcome.exitCode === 0 && !errors.seen, exitCode: outcome.exitCode };
  }
  console.line(
    ConsoleTag.taskError,
    [
      `${outcome.message}.`,
      `Error happened while attempting to execute '${builder.command}' in ${cwd}.`,
      `Please make sure [${builder.command}] can be executed on this agent.`,
      `[Debug Information] Environment variable PATH: ${environment['PATH'] ?? ''}`,
    ].join('\n'),
  );
  return { passed: false, exitCode: failureExitCode(outcome.reason) };
}

/** As a shell would have it. */
function failureExitCode(reason: SpawnFailureReason): number {
  return reason === 'command-not-found' || reason === 'interpreter-not-found' ? 127 : 126;
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
