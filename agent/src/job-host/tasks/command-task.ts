import { resolve } from 'node:path';
import { type CommandBuilder, type CommandBuilderWithArgList, ConsoleTag } from '@go-agent/protocol';
import { ErrorStringWatch } from './error-string-watch.ts';
import { runProgram } from './run-program.ts';
import { splitArguments } from './split-arguments.ts';
import type { TaskContext, TaskOutcome } from './task-context.ts';

/** Exec, ant, rake and nant tasks (agent-protocol 4.9). */
export async function runCommandTask(
  builder: CommandBuilder | CommandBuilderWithArgList,
  context: TaskContext,
): Promise<TaskOutcome> {
  const split =
    typeof builder.args === 'string'
      ? splitArguments(builder.args)
      : { ok: true as const, args: builder.args };
  if (!split.ok) {
    context.console.line(ConsoleTag.taskError, split.message);
    return { passed: false };
  }
  const watches: ErrorStringWatch[] = [];
  const watchStream = () => {
    const watch = new ErrorStringWatch(builder.errorString);
    watches.push(watch);
    return (chunk: Buffer) => watch.write(chunk);
  };
  const outcome = await runProgram(
    {
      commands: [builder.command],
      args: split.args,
      cwd: resolve(context.assignment.agent.home, builder.workingDir.path),
      ...(builder.errorString === '' ? {} : { watchStream }),
    },
    context,
  );
  return watches.some(({ seen }) => seen) ? { ...outcome, passed: false } : outcome;
}
