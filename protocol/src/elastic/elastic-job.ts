import { object, optional } from '../decode/compounds.ts';
import type { Decoder } from '../decode/decoder.ts';
import { integer, string } from '../decode/scalars.ts';
import { type ElasticProfile, elasticProfile } from './elastic-cluster.ts';

/** A job that is or was to run on an elastic agent. */
export interface ElasticJob {
  readonly jobId: number;
  /** 1, and one more each time that the job was scheduled again. */
  readonly attempt: number;
  readonly pipelineName: string;
  readonly pipelineCounter: number;
  readonly pipelineLabel: string;
  readonly stageName: string;
  readonly stageCounter: number;
  readonly jobName: string;
  /** Epoch milliseconds. */
  readonly queuedAt: number;
  /** Of the job's pipeline, if it is in one. */
  readonly environment?: string;
  readonly profile: ElasticProfile;
}

export const elasticJob: Decoder<ElasticJob> = object<ElasticJob>({
  jobId: integer,
  attempt: integer,
  pipelineName: string,
  pipelineCounter: integer,
  pipelineLabel: string,
  stageName: string,
  stageCounter: integer,
  jobName: string,
  queuedAt: integer,
  environment: optional(string),
  profile: elasticProfile,
});
