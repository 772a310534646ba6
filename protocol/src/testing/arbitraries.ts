import fc from 'fast-check';
import {
  AGENT_RUNTIME_STATUSES,
  type AgentRequest,
  type AgentRuntimeInfo,
  JOB_RESULTS,
  JOB_STATES,
  type JobIdentifier,
} from '../index.ts';

export const text = fc.string({ unit: 'binary', maxLength: 12 });
export const int = fc.integer();
export const long = fc.maxSafeInteger();

/** An object with all of `required` and any of `extra`. */
export function shape<R extends object, O extends object>(
  required: { readonly [K in keyof R]: fc.Arbitrary<R[K]> },
  extra: { readonly [K in keyof O]: fc.Arbitrary<O[K]> },
): fc.Arbitrary<R & Partial<O>> {
  return fc
    .tuple(fc.record(required), fc.record(extra, { requiredKeys: [] }))
    .map(([some, more]) => ({ ...some, ...more }) as R & Partial<O>);
}

export const jobIdentifier: fc.Arbitrary<JobIdentifier> = shape(
  {
    pipelineName: text,
    pipelineCounter: int,
    pipelineLabel: text,
    stageName: text,
    buildName: text,
    buildId: long,
    stageCounter: text,
  },
  { rerunOfCounter: int },
);

const runtimeFields = {
  identifier: fc.record({ hostName: text, ipAddress: text, uuid: text }),
  runtimeStatus: fc.constantFrom(...AGENT_RUNTIME_STATUSES),
  buildingInfo: fc.record({ buildingInfo: text, buildLocator: text }),
  location: text,
  usableSpace: fc.maxSafeNat(),
  operatingSystemName: text,
};
const runtimeExtra = { agentBootstrapperVersion: text, agentVersion: text, cookie: text };

export const agentRuntimeInfo: fc.Arbitrary<AgentRuntimeInfo> = fc.oneof(
  shape({ type: fc.constant('AgentRuntimeInfo' as const), ...runtimeFields }, runtimeExtra),
  shape(
    {
      type: fc.constant('ElasticAgentRuntimeInfo' as const),
      elasticAgentId: text,
      elasticPluginId: text,
      ...runtimeFields,
    },
    runtimeExtra,
  ),
);

export const agentRequest: fc.Arbitrary<AgentRequest> = fc.oneof(
  fc.record({
    type: fc.constantFrom('PingRequest' as const, 'GetWorkRequest' as const, 'GetCookieRequest' as const),
    agentRuntimeInfo,
  }),
  fc.record({ type: fc.constant('IsIgnoredRequest' as const), agentRuntimeInfo, jobIdentifier }),
  fc.record({
    type: fc.constant('ReportCurrentStatusRequest' as const),
    agentRuntimeInfo,
    jobIdentifier,
    jobState: fc.constantFrom(...JOB_STATES),
  }),
  fc.record({
    type: fc.constant('ReportCompleteStatusRequest' as const),
    agentRuntimeInfo,
    jobIdentifier,
    jobResult: fc.constantFrom(...JOB_RESULTS),
  }),
);
