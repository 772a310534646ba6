import { array, object, optional } from '../decode/compounds.ts';
import { decodeWith } from '../decode/decoder.ts';
import { oneOf, string } from '../decode/scalars.ts';
import { type ElasticCluster, elasticCluster } from './elastic-cluster.ts';
import { type ElasticJob, elasticJob } from './elastic-job.ts';
import { STATUS_REPORT_KINDS, type StatusReportKind } from './initialize.ts';

export interface StatusReportParams {
  readonly kind: StatusReportKind;
  /** All of the plugin's for `plugin`, one for the others. */
  readonly clusters: readonly ElasticCluster[];
  /** For `agent`; absent if the job has no agent yet. */
  readonly agentId?: string;
  readonly job?: ElasticJob;
}

/** Shown in a sandboxed frame: no scripts, no requests elsewhere. */
export interface StatusReportResult {
  readonly html: string;
}

export const decodeStatusReportParams = decodeWith(
  object<StatusReportParams>({
    kind: oneOf(STATUS_REPORT_KINDS),
    clusters: array(elasticCluster),
    agentId: optional(string),
    job: optional(elasticJob),
  }),
);

export const decodeStatusReportResult = decodeWith(object<StatusReportResult>({ html: string }));
