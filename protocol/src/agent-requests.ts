import { type AgentRuntimeInfo, agentRuntimeInfo } from './agent-runtime-info.ts';
import { constant, object, tagged } from './decode/compounds.ts';
import { decodeWith } from './decode/decoder.ts';
import { oneOf } from './decode/scalars.ts';
import { encodeWith } from './gson-json.ts';
import { type JobIdentifier, jobIdentifier } from './job-identifier.ts';
import { JOB_RESULTS, JOB_STATES, type JobResult, type JobState } from './job-state.ts';

/** Body of `ping` (reference 4.5). */
export interface PingRequest {
  readonly type: 'PingRequest';
  readonly agentRuntimeInfo: AgentRuntimeInfo;
}

/** Body of `get_work`. */
export interface GetWorkRequest {
  readonly type: 'GetWorkRequest';
  readonly agentRuntimeInfo: AgentRuntimeInfo;
}

/** Body of `get_cookie`. */
export interface GetCookieRequest {
  readonly type: 'GetCookieRequest';
  readonly agentRuntimeInfo: AgentRuntimeInfo;
}

/** Body of `report_current_status`. */
export interface ReportCurrentStatusRequest {
  readonly type: 'ReportCurrentStatusRequest';
  readonly agentRuntimeInfo: AgentRuntimeInfo;
  readonly jobIdentifier: JobIdentifier;
  readonly jobState: JobState;
}

/** Body of `report_completing` and of `report_completed`. */
export interface ReportCompleteStatusRequest {
  readonly type: 'ReportCompleteStatusRequest';
  readonly agentRuntimeInfo: AgentRuntimeInfo;
  readonly jobIdentifier: JobIdentifier;
  readonly jobResult: JobResult;
}

/** Body of `is_ignored`. */
export interface IsIgnoredRequest {
  readonly type: 'IsIgnoredRequest';
  readonly agentRuntimeInfo: AgentRuntimeInfo;
  readonly jobIdentifier: JobIdentifier;
}

export type AgentRequest =
  | PingRequest
  | GetWorkRequest
  | GetCookieRequest
  | ReportCurrentStatusRequest
  | ReportCompleteStatusRequest
  | IsIgnoredRequest;

// A server knows the request's class from the endpoint, so it does not need the outermost `type` (reference 4.2).
const ping = object<PingRequest>({ type: constant('PingRequest'), agentRuntimeInfo });
const getWork = object<GetWorkRequest>({ type: constant('GetWorkRequest'), agentRuntimeInfo });
const getCookie = object<GetCookieRequest>({ type: constant('GetCookieRequest'), agentRuntimeInfo });
const reportCurrentStatus = object<ReportCurrentStatusRequest>({
  type: constant('ReportCurrentStatusRequest'),
  agentRuntimeInfo,
  jobIdentifier,
  jobState: oneOf(JOB_STATES),
});
const reportCompleteStatus = object<ReportCompleteStatusRequest>({
  type: constant('ReportCompleteStatusRequest'),
  agentRuntimeInfo,
  jobIdentifier,
  jobResult: oneOf(JOB_RESULTS),
});
const isIgnored = object<IsIgnoredRequest>({
  type: constant('IsIgnoredRequest'),
  agentRuntimeInfo,
  jobIdentifier,
});

export const decodePingRequest = decodeWith(ping);
export const decodeGetWorkRequest = decodeWith(getWork);
export const decodeGetCookieRequest = decodeWith(getCookie);
export const decodeReportCurrentStatusRequest = decodeWith(reportCurrentStatus);
export const decodeReportCompleteStatusRequest = decodeWith(reportCompleteStatus);
export const decodeIsIgnoredRequest = decodeWith(isIgnored);

/** For a request whose endpoint is not known, such as a recorded one: here the outermost `type` decides. */
export const decodeAgentRequest = decodeWith(
  tagged<AgentRequest>('type', {
    PingRequest: ping,
    GetWorkRequest: getWork,
    GetCookieRequest: getCookie,
    ReportCurrentStatusRequest: reportCurrentStatus,
    ReportCompleteStatusRequest: reportCompleteStatus,
    IsIgnoredRequest: isIgnored,
  }),
);

/** The body of any of the seven calls. */
export const encodeAgentRequest = encodeWith(decodeAgentRequest);
