// What runs by itself in the core: polls, and the nets under what is driven by events.

import { type Clock, every, type Service } from '@go-agent/runtime/core';
import { watchFolder } from '../config/watch-folder.ts';
import type { CoreOptions } from '../core.ts';
import type { MaterialUpdates } from '../materials/material-updates.ts';
import type { SchedulerContext } from '../scheduler/scheduler-context.ts';
import type { UnmetJobs } from '../scheduler/unmet-jobs.ts';
import { cancelSilentJobs, markLostAgents, rescheduleLostJobs } from '../scheduler/watch-jobs.ts';
import { tellUnknownEnvironments } from './agents/unknown-environments.ts';
import type { ConfigWatch } from './config-watch.ts';

const CONFIG_CHECK_MS = 5000;
const WATCH_MS = 1000;

export interface CoreServicesOptions {
  readonly options: CoreOptions;
  readonly clock: Clock;
  readonly context: SchedulerContext;
  readonly updates: MaterialUpdates;
  readonly configWatch: ConfigWatch;
  readonly unmet: UnmetJobs;
}

export function coreServices({
  options,
  clock,
  context,
  updates,
  configWatch,
  unmet,
}: CoreServicesOptions): Service[] {
  const onError = (what: string) => (error: unknown) =>
    context.logger.error({ err: error }, `${what} failed; it is tried again`);
  return [
    watchFolder({
      name: 'pipeline-files',
      folder: options.pipelinesDir,
      clock,
      checkMs: CONFIG_CHECK_MS,
      changed: () => configWatch.reload(),
      onError: onError('Reading the pipeline files'),
    }),
    every({
      name: 'material-polls',
      clock,
      initialDelayMs: 0,
      delayMs: options.materialPollMs,
      task: (signal) => updates.pollDue(context.config().materials().filter(isPolled), signal),
      onError: onError('Polling the materials'),
    }),
    every({
      name: 'job-watch',
      clock,
      initialDelayMs: WATCH_MS,
      delayMs: WATCH_MS,
      task: async () => {
        markLostAgents(context, options.lostContactMs);
        await rescheduleLostJobs(context);
        await cancelSilentJobs(context);
        unmet.look();
        tellUnknownEnvironments(context);
        context.health.expire();
      },
      onError: onError('Watching agents and jobs'),
    }),
  ];
}

function isPolled(material: { readonly type: string; readonly autoUpdate?: boolean }): boolean {
  return material.autoUpdate ?? true;
}
