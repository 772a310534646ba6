import type { Builder } from '@go-agent/protocol';
import { allVariables } from '../environment/all-variables.ts';
import { taskEnvironment } from '../environment/job-environment.ts';
import type { JobContext } from '../job-context.ts';
import { runBuilder } from './run-builder.ts';

/** For {@link Cancellation}: an on-cancel task has the environment of the job's other tasks, and its own limit instead of the job's cancel. */
export function runOnCancelTask(
  context: JobContext,
): (builder: Builder, limit: AbortSignal) => Promise<boolean> {
  return async (builder, limit) => {
    const environment = taskEnvironment(context.inherited, allVariables(context));
    const { passed } = await runBuilder(builder, { ...context, environment, cancelled: limit });
    return passed;
  };
}
