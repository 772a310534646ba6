// Bodies of a v5 plugin's requests to the server (reference: server-agents-jobs-elastic 3.9).

import { array, object } from '../../decode/compounds.ts';
import { type Decoder, decodeWith, fail } from '../../decode/decoder.ts';
import { integer, oneOf, string } from '../../decode/scalars.ts';

/** Of an agent, its id alone is read. */
export const decodeV5AgentIds = decodeWith(
  array(object<{ readonly agent_id: string }>({ agent_id: string })),
);

export interface V5HealthMessage {
  readonly type: 'warning' | 'error';
  readonly message: string;
}

export const decodeV5HealthMessages = decodeWith(
  array(object<V5HealthMessage>({ type: oneOf(['warning', 'error']), message: string })),
);

/** Version 2.0 is in snake case, 1.0 in camel case; this is what both say. */
export interface V5ConsoleAppend {
  readonly pipelineName: string;
  readonly pipelineCounter: number;
  readonly stageName: string;
  readonly stageCounter: string;
  readonly jobName: string;
  readonly text: string;
}

const counter: Decoder<number> = (value, at) =>
  typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : integer(value, at);

const counterText: Decoder<string> = (value, at) => {
  if (typeof value === 'number') return String(integer(value, at));
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? value : fail(at, 'a counter', value);
};

/** For `apiVersion` 1.0. */
export const decodeV5ConsoleAppend1 = decodeWith(
  object<V5ConsoleAppend>({
    pipelineName: string,
    pipelineCounter: counter,
    stageName: string,
    stageCounter: counterText,
    jobName: string,
    text: string,
  }),
);

interface SnakeCased {
  readonly pipeline_name: string;
  readonly pipeline_counter: number;
  readonly stage_name: string;
  readonly stage_counter: string;
  readonly job_name: string;
  readonly text: string;
}

const snakeCased = decodeWith(
  object<SnakeCased>({
    pipeline_name: string,
    pipeline_counter: counter,
    stage_name: string,
    stage_counter: counterText,
    job_name: string,
    text: string,
  }),
);

/** For `apiVersion` 2.0. */
export function decodeV5ConsoleAppend2(value: unknown): V5ConsoleAppend {
  const body = snakeCased(value);
  return {
    pipelineName: body.pipeline_name,
    pipelineCounter: body.pipeline_counter,
    stageName: body.stage_name,
    stageCounter: body.stage_counter,
    jobName: body.job_name,
    text: body.text,
  };
}
