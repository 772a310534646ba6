import { type Builder, ConsoleTag } from '@go-agent/protocol';
import { runPluginTask } from '../plugins/plugin-task.ts';
import { runCommandTask } from './command-task.ts';
import { runFetchTask } from './fetch-task.ts';
import { runScriptTask, SCRIPT_EXECUTOR } from './script-task.ts';
import type { TaskContext, TaskOutcome } from './task-context.ts';

/** Runs one task, whatever its kind. Its end line is the caller's. */
export async function runBuilder(builder: Builder, context: TaskContext): Promise<TaskOutcome> {
  switch (builder.type) {
    case 'CommandBuilder':
    case 'CommandBuilderWithArgList':
      return runCommandTask(builder, context);
    case 'FetchArtifactBuilder':
      return runFetchTask(builder, context);
    case 'PluggableTaskBuilder':
      return builder.pluginId === SCRIPT_EXECUTOR
        ? runScriptTask(builder, context)
        : runPluginTask(builder, context);
    case 'FetchPluggableArtifactBuilder':
      return notSupported(`Artifact plugin ${builder.artifactStore.pluginId}`, context);
    case 'BuilderForKillAllChildTask':
      context.console.line(ConsoleTag.notice, '[go] Attempting to kill child processes.');
      await context.container.signalAll('SIGTERM');
      return { passed: true };
    case 'NullBuilder':
      return { passed: true };
    default:
      return builder satisfies never;
  }
}

function notSupported(what: string, { console }: TaskContext): TaskOutcome {
  console.line(
    ConsoleTag.taskError,
    `[go] ${what} is not supported by this agent. Run the job on an agent that has the plugin.`,
  );
  return { passed: false };
}
