import { statSync } from 'node:fs';
import { ConsoleTag } from '@go-agent/protocol';
import type { SpawnFailureReason } from '@go-agent/runtime/core';
import type { ProcessConversation, ProcessOutcome } from './process-runner.ts';
import type { TaskContext, TaskOutcome } from './task-context.ts';

export interface Program {
  /** Names of the program; the first that exists is run. */
  readonly commands: readonly [string, ...string[]];
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** A sentence for the user if there is no such program. */
  readonly remedy?: string;
  /** Called for each of both streams: gives what sees its raw output. */
  readonly watchStream?: () => (chunk: Buffer) => void;
  /** Has standard input and output, which then are not the console's. */
  readonly talk?: (conversation: ProcessConversation) => Promise<void>;
}

/** Runs a program of a task directly, without a shell; what keeps it from running is on the console, in the words of the stock agent. */
export async function runProgram(program: Program, context: TaskContext): Promise<TaskOutcome> {
  const { console } = context;
  const { cwd, remedy } = program;
  if (!isDirectory(cwd)) {
    console.line(ConsoleTag.taskError, `Working directory "${cwd}" is not a directory!`);
    return { passed: false };
  }
  const { command, outcome } = await runFirst(program, context);
  if (outcome.kind === 'cancelled') return { passed: false };
  if (outcome.kind === 'exited') return { passed: outcome.exitCode === 0, exitCode: outcome.exitCode };
  console.line(
    ConsoleTag.taskError,
    [
      `${outcome.message}.`,
      `Error happened while attempting to execute '${command}' in ${cwd}.`,
      `Please make sure [${command}] can be executed on this agent.`,
      ...(remedy === undefined ? [] : [remedy]),
      `[Debug Information] Environment variable PATH: ${context.environment['PATH'] ?? ''}`,
    ].join('\n'),
  );
  return { passed: false, exitCode: failureExitCode(outcome.reason) };
}

async function runFirst(
  { commands, args, cwd, watchStream, talk }: Program,
  { processes, environment, cancelled }: TaskContext,
): Promise<{ readonly command: string; readonly outcome: ProcessOutcome }> {
  const [first, ...others] = commands;
  const run = (command: string) =>
    processes.run({
      command,
      args,
      cwd,
      env: environment,
      stdout: ConsoleTag.taskOut,
      stderr: ConsoleTag.taskError,
      signal: cancelled,
      ...(watchStream === undefined ? {} : { watchStream }),
      ...(talk === undefined ? {} : { talk }),
    });
  const missing = await run(first);
  if (!isMissing(missing)) return { command: first, outcome: missing };
  for (const command of others) {
    const outcome = await run(command);
    if (!isMissing(outcome)) return { command, outcome };
  }
  return { command: first, outcome: missing };
}

function isMissing(outcome: ProcessOutcome): boolean {
  return outcome.kind === 'not-started' && outcome.reason === 'command-not-found';
}

/** As a shell would have it. */
function failureExitCode(reason: SpawnFailureReason): number {
  return reason === 'command-not-found' || reason === 'interpreter-not-found' ? 127 : 126;
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
