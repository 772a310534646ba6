import type { ElasticCluster, ElasticProfile } from '@go-agent/protocol/elastic';
import type { BenchServer } from './bench-server.ts';
import type { PlannedJob } from './day-plan.ts';
import type { PluginCalls } from './plugin-calls.ts';

export interface DayContext {
  readonly server: BenchServer;
  /** To the plugin that runs now. */
  calls: PluginCalls;
  readonly cluster: ElasticCluster;
  readonly profile: ElasticProfile;
  readonly plan: readonly PlannedJob[];
  /** Real milliseconds within which an agent must be listed. */
  readonly startTimeoutMs: number;
  /** Kills the plugin and starts it anew. */
  readonly crash: () => Promise<PluginCalls>;
  /** Of a job that waits. */
  readonly environmentOf: (jobId: number) => string | undefined;
  readonly done: { jobs: number; agents: number; failed: number };
}
