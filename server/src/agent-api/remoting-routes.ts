import {
  decodeGetCookieRequest,
  decodeGetWorkRequest,
  decodeIsIgnoredRequest,
  decodePingRequest,
  decodeReportCompleteStatusRequest,
  decodeReportCurrentStatusRequest,
  encodeCookieBody,
  encodeInstructionBody,
  encodeIsIgnoredBody,
  encodeWork,
} from '@go-agent/protocol';
import type { Logger } from '@go-agent/runtime';
import type { FastifyInstance } from 'fastify';
import type { AgentDesk, WorkDesk } from '../core.ts';
import { checkAgent } from './agent-auth.ts';
import { remoteCall } from './remote-call.ts';

/** GoCD has no limit; a request is about 1 kB. */
const BODY_LIMIT_BYTES = 1024 * 1024;

export interface RemotingDesk {
  readonly agents: AgentDesk;
  readonly work: WorkDesk;
  readonly stopping: AbortSignal;
  readonly logger: Logger;
}

/** The seven calls of agents, below `/go/remoting/api/agent/` (agent-protocol 4). */
export async function remotingRoutes(app: FastifyInstance, desk: RemotingDesk): Promise<void> {
  const { agents, work } = desk;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  app.addHook('onRequest', (request, _reply, done) => {
    checkAgent(agents, request);
    done();
  });
  remoteCall(app, desk, {
    action: 'get_cookie',
    decode: decodeGetCookieRequest,
    handle: async ({ agentRuntimeInfo }) =>
      encodeCookieBody(await agents.newCookie(agentRuntimeInfo.identifier.uuid)),
  });
  remoteCall(app, desk, {
    action: 'ping',
    decode: decodePingRequest,
    handle: async ({ agentRuntimeInfo }, hold) =>
      encodeInstructionBody(await agents.ping(agentRuntimeInfo, hold())),
  });
  remoteCall(app, desk, {
    action: 'get_work',
    decode: decodeGetWorkRequest,
    handle: async ({ agentRuntimeInfo }, hold) => encodeWork(await work.work(agentRuntimeInfo, hold())),
  });
  remoteCall(app, desk, {
    action: 'report_current_status',
    decode: decodeReportCurrentStatusRequest,
    handle: async ({ agentRuntimeInfo, jobIdentifier, jobState }) => {
      await work.reportState(agentRuntimeInfo, jobIdentifier, jobState);
      return '';
    },
  });
  remoteCall(app, desk, {
    action: 'report_completing',
    decode: decodeReportCompleteStatusRequest,
    handle: async ({ agentRuntimeInfo, jobIdentifier, jobResult }) => {
      await work.reportCompleting(agentRuntimeInfo, jobIdentifier, jobResult);
      return '';
    },
  });
  remoteCall(app, desk, {
    action: 'report_completed',
    decode: decodeReportCompleteStatusRequest,
    handle: async ({ agentRuntimeInfo, jobIdentifier, jobResult }) => {
      await work.reportCompleted(agentRuntimeInfo, jobIdentifier, jobResult);
      return '';
    },
  });
  remoteCall(app, desk, {
    action: 'is_ignored',
    decode: decodeIsIgnoredRequest,
    handle: async ({ agentRuntimeInfo, jobIdentifier }) =>
      encodeIsIgnoredBody(await work.isIgnored(agentRuntimeInfo, jobIdentifier)),
  });
}
