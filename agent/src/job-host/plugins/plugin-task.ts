import { join, resolve } from 'node:path';
import { ConsoleTag, type PluggableTaskBuilder } from '@go-agent/protocol';
import { runProgram } from '../tasks/run-program.ts';
import type { TaskContext, TaskOutcome } from '../tasks/task-context.ts';
import { converse, type PluginAnswer } from './converse.ts';
import { findTaskPlugin, type PluginSearch, type TaskPlugin } from './find-task-plugin.ts';
import { PLUGIN_PROTOCOL } from './plugin-manifest.ts';

/** Has a task plugin do the task: a process of the job's that speaks JSON-RPC (docs/task-plugins.md). */
export async function runPluginTask(
  builder: PluggableTaskBuilder,
  context: TaskContext,
): Promise<TaskOutcome> {
  const { pluginId } = builder;
  const search = await findTaskPlugin(pluginId, context.assignment.pluginFolders ?? []);
  if (!search.plugin) return refuse(missing(pluginId, search), context);
  const { protocol } = search.plugin;
  if (protocol === PLUGIN_PROTOCOL) return await execute(search.plugin, builder, context);
  return refuse(
    `The task plugin ${pluginId} speaks version ${protocol} of the protocol, this agent version ${PLUGIN_PROTOCOL}. Upgrade the agent, or take an older plugin.`,
    context,
  );
}

async function execute(
  plugin: TaskPlugin,
  builder: PluggableTaskBuilder,
  context: TaskContext,
): Promise<TaskOutcome> {
  const { console, clock, environment, cancelled, endsItself } = context;
  const workingDirectory = resolve(context.assignment.agent.home, builder.workingDir);
  const config = Object.entries(builder.pluginConfig).map(([name, { value = '' }]) => [name, value]);
  const task = { id: plugin.id, config: Object.fromEntries(config) as Record<string, string> };
  const params = { task, environment, workingDirectory };
  const answers: PluginAnswer[] = [];
  const outcome = await runProgram(
    {
      commands: [own(plugin, plugin.command)],
      args: plugin.args.map((arg) => own(plugin, arg)),
      cwd: workingDirectory,
      talk: async (conversation) => {
        endsItself?.(conversation.exited);
        answers.push(await converse(conversation, { params, console, clock, cancelled }));
      },
    },
    context,
  );
  const [answer] = answers;
  // Without a conversation it was not started, and the console says why.
  return answer ? judge(plugin.id, answer, outcome.exitCode, context) : outcome;
}

/** What begins with `./` is the plugin's own; anything else is found by the job's PATH, or means what it says. */
function own({ folder }: TaskPlugin, text: string): string {
  return text.startsWith('./') ? join(folder, text) : text;
}

function judge(
  id: string,
  answer: PluginAnswer,
  exitCode: number | undefined,
  context: TaskContext,
): TaskOutcome {
  if (context.cancelled.aborted) return { passed: false };
  const { console } = context;
  switch (answer.kind) {
    case 'result':
      if (answer.success) return { passed: true };
      return refuse(answer.message || `The task plugin ${id} says that the task failed.`, context, '');
    case 'error':
      return refuse(`The task plugin ${id} failed: ${answer.message}`, context);
    case 'garbage':
      console.line(ConsoleTag.taskError, `[go] Said: ${answer.message}`);
      return refuse(
        `The task plugin ${id} wrote something to its standard output that is not a message, and is ended. Only JSON-RPC messages, one a line, may go there; anything else to standard error.`,
        context,
      );
    case 'silent':
      return {
        ...refuse(`The task plugin ${id} ended without an answer.`, context),
        ...(exitCode === undefined ? {} : { exitCode }),
      };
  }
}

function missing(id: string, { known, problems }: PluginSearch): string {
  const has = known.length === 0 ? 'it has no task plugins' : `it has ${known.toSorted().join(', ')}`;
  return [
    `There is no task plugin ${id} on this agent (${has}).`,
    `Add it to the agent-plugins bundle of the server or to the agent's task-plugins folder; plugins made for other agents (jar files) do not run here.`,
    ...problems.map((problem) => `Not usable: ${problem}.`),
  ].join(' ');
}

function refuse(message: string, { console }: TaskContext, prefix = '[go] '): TaskOutcome {
  console.line(ConsoleTag.taskError, `${prefix}${message}`);
  return { passed: false };
}
