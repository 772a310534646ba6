import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConsoleTag, type PluggableTaskBuilder } from '@go-agent/protocol';
import { runProgram } from './run-program.ts';
import { chooseInterpreter } from './script-interpreter.ts';
import type { TaskContext, TaskOutcome } from './task-context.ts';

/** The plugin by which GoCD's users run scripts; here it is built in. */
export const SCRIPT_EXECUTOR = 'script-executor';

/**
 * Runs a script of several lines: `script`, by `shtype` (a shell, or any interpreter with its arguments). Its file is in the job's
 * folder, which nobody else may read and which is outside of the checkout, and is there only while it runs.
 */
export async function runScriptTask(
  builder: PluggableTaskBuilder,
  context: TaskContext,
): Promise<TaskOutcome> {
  const script = unixLines(builder.pluginConfig['script']?.value ?? '');
  const shell = builder.pluginConfig['shtype']?.value ?? '';
  if (script.trim() === '') return refuse('The script of this task is empty', context);
  const choice = chooseInterpreter(shell, script, process.platform);
  if (!choice.ok) return refuse(choice.message, context);
  const { interpreter } = choice;
  const extension = interpreter === 'shebang' ? '' : interpreter.extension;
  const folder = join(context.folder, 'scripts');
  const file = join(folder, `script-${randomUUID()}${extension}`);
  const cwd = resolve(context.assignment.agent.home, builder.workingDir);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(file, script, { mode: 0o700, flag: 'wx' });
    if (interpreter === 'shebang') return await runProgram({ commands: [file], args: [], cwd }, context);
    const { commands, args, remedy } = interpreter;
    const program = { commands, args: [...args, file], cwd };
    return await runProgram(remedy === undefined ? program : { ...program, remedy }, context);
  } finally {
    await rm(file, { force: true });
  }
}

function refuse(message: string, { console }: TaskContext): TaskOutcome {
  console.line(ConsoleTag.taskError, `[go] ${message}.`);
  return { passed: false };
}

/** A script that was written on Windows runs all the same; and some interpreters want their last line ended. */
function unixLines(text: string): string {
  const lines = text.replaceAll(/\r\n?/g, '\n');
  return lines === '' || lines.endsWith('\n') ? lines : `${lines}\n`;
}
