import type { SchedulerContext } from '../scheduler/scheduler-context.ts';

/** Ends the messages about pipelines that are gone (reference: server-agents-jobs-elastic 6.1): nobody else would. */
export function forgetPipelines({ health, config }: Pick<SchedulerContext, 'health' | 'config'>): void {
  for (const { scope } of health.messages()) {
    const [kind, name = ''] = scope.split('/');
    if (kind === 'pipeline' && config().pipeline(name) === undefined) health.clear(scope);
  }
}
