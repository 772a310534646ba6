import {
  type AgentAction,
  type AgentRuntimeInfo,
  agentActionPath,
  CONTEXT_PATH,
  DecodeError,
  HeaderName,
  type JobIdentifier,
  MediaType,
  parseJson,
} from '@go-agent/protocol';
import type { Logger } from '@go-agent/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Hold } from '../core.ts';
import { AgentCookieError } from '../domain/agent-cookie-error.ts';
import { clientGone } from '../http/client-gone.ts';
import { checkWriteBody } from '../http/confirmation.ts';
import { Halt } from '../http/halt.ts';
import { preferredWait } from '../http/prefer-wait.ts';
import { isStorageFailure } from '../http/storage-failure.ts';
import { agentUuidOf } from './agent-auth.ts';
import { remoteFailure } from './remote-failure.ts';

export interface RemoteRequest {
  readonly agentRuntimeInfo: AgentRuntimeInfo;
  readonly jobIdentifier?: JobIdentifier;
}

export interface RemoteCall<Request extends RemoteRequest> {
  readonly action: AgentAction;
  readonly decode: (value: unknown) => Request;
  /** The body of the 200 answer. */
  readonly handle: (request: Request, hold: () => Hold) => Promise<string>;
}

/** One of the seven calls: transport, checks and failures are the same for all (agent-protocol 4.1). */
export function remoteCall<Request extends RemoteRequest>(
  app: FastifyInstance,
  { stopping, logger }: { readonly stopping: AbortSignal; readonly logger: Logger },
  call: RemoteCall<Request>,
): void {
  app.post(CONTEXT_PATH + agentActionPath(call.action), async (request, reply) => {
    const body = decodeBody(request, call.decode);
    const { uuid } = body.agentRuntimeInfo.identifier;
    const caller = agentUuidOf(request);
    if (uuid !== caller) {
      throw Halt.message(403, `Agent with uuid: '${caller}' is attempting a request for agent: '${uuid}'.`);
    }
    const answer = await call
      .handle(body, () => holdOf(request, reply, stopping))
      .catch((error: unknown) => {
        logger.warn({ err: error, agent: uuid, action: call.action }, 'A call of an agent failed');
        const message = remoteFailure(error, { info: body.agentRuntimeInfo, ...jobOf(body) });
        // A stock agent reads the message only, and makes no difference between these two (agent-protocol 4.1); to ours a 500 is an
        // answer to what it has asked, and so, after a while, the last word about it.
        throw Halt.json(isStorageFailure(error) ? 503 : 500, {
          error: message,
          ...(error instanceof AgentCookieError ? { knownAs: error.knownAs } : {}),
        });
      });
    return reply
      .header('Content-Type', MediaType.answer)
      .header('Cache-Control', 'max-age=0, private, must-revalidate')
      .send(answer);
  });
}

/** How long the client lets this answer be held. Says in the answer that it was understood. */
function holdOf(request: FastifyRequest, reply: FastifyReply, stopping: AbortSignal): Hold {
  const seconds = preferredWait(request.headers['prefer']);
  if (seconds === 0) return { waitMs: 0, signal: stopping };
  reply.header(HeaderName.preferenceApplied, `wait=${seconds}`);
  return { waitMs: seconds * 1000, signal: clientGone(reply.raw, stopping) };
}

function decodeBody<Request>(request: FastifyRequest, decode: (value: unknown) => Request): Request {
  const bytes = Buffer.isBuffer(request.body) ? request.body : undefined;
  checkWriteBody(request.headers, bytes);
  try {
    return parseJson(bytes?.toString('utf8') ?? '', decode);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw Halt.error(400, `Payload data is not valid JSON: ${error.message}`);
  }
}

function jobOf(request: RemoteRequest): { readonly job?: JobIdentifier } {
  return request.jobIdentifier === undefined ? {} : { job: request.jobIdentifier };
}
