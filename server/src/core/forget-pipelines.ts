import type { SchedulerContext } from '../scheduler/scheduler-context.ts';

/**
 * Ends the messages about pipelines that are gone (reference: server-agents-jobs-elastic 6.1): nobody else would. Those that end by
 * themselves stay: one of them tells why a trigger came to nothing, that the pipeline is gone.
 */
export function forgetPipelines({ health, config }: Pick<SchedulerContext, 'health' | 'config'>): void {
  for (const { scope } of health.messages()) {
    const [kind, name = ''] = scope.split('/');
    if (kind !== 'pipeline' || health.endsByItself(scope)) continue;
    if (config().pipeline(name) === undefined) health.clear(scope);
  }
}
