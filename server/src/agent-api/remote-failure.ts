import type { AgentRuntimeInfo, JobIdentifier } from '@go-agent/protocol';
import { AppError, toError } from '@go-agent/runtime';

const SERVICE = 'com.thoughtworks.go.server.service';

/** Who called what when it failed. */
export interface FailedCall {
  readonly info: AgentRuntimeInfo;
  readonly job?: JobIdentifier;
}

/**
 * The `error` of a 500: Java's message, given twice around the name of the exception, as Spring's wrapper has it
 * (agent-protocol 3.4, 4.1).
 */
export function remoteFailure(thrown: unknown, call: FailedCall): string {
  const { javaClass, message } = asJava(thrown, call);
  return `${message}; nested exception is ${javaClass}: ${message}`;
}

function asJava(
  thrown: unknown,
  { info, job }: FailedCall,
): { readonly javaClass: string; readonly message: string } {
  const { hostName, ipAddress, uuid } = info.identifier;
  switch (thrown instanceof AppError ? thrown.code : undefined) {
    case 'agent-cookie': {
      const agent = `Agent [${hostName}, ${ipAddress}, ${uuid}, ${info.cookie ?? 'null'}]`;
      return info.cookie === undefined
        ? { javaClass: `${SERVICE}.AgentNoCookieSetException`, message: `${agent} has no cookie set` }
        : { javaClass: `${SERVICE}.AgentWithDuplicateUUIDException`, message: `${agent} has invalid cookie` };
    }
    case 'agent-unknown':
      return {
        javaClass: `${SERVICE}.UnregisteredAgentException`,
        message: `Agent [${uuid}] is not registered.`,
      };
    case 'job-not-yours':
      return {
        javaClass: `${SERVICE}.InvalidAgentException`,
        message: `AgentUUID has changed in the middle of a job. AgentUUID:${uuid}, Build: ${shown(job)}`,
      };
    default:
      return { javaClass: 'java.lang.RuntimeException', message: toError(thrown).message };
  }
}

function shown(job: JobIdentifier | undefined): string {
  if (job === undefined) return 'none';
  return `${job.pipelineName}/${job.pipelineCounter}/${job.stageName}/${job.stageCounter}/${job.buildName}`;
}
