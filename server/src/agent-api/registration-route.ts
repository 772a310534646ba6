import { DecodeError, decodeRegistrationFields, type RegistrationFields } from '@go-agent/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AgentDesk, RegistrationForm, RegistrationOutcome } from '../core.ts';
import { Halt } from '../http/halt.ts';
import { isLoopback, isToThisMachine } from '../http/local-request.ts';

/** GoCD's limit of a form is 30 MB (agent-protocol 6.4); no agent needs a hundredth of this. */
const FORM_LIMIT_BYTES = 1024 * 1024;

/** `POST /go/admin/agent` (agent-protocol 2.4). */
export async function registrationRoute(
  app: FastifyInstance,
  { agents }: { readonly agents: AgentDesk },
): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: FORM_LIMIT_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  app.post('/go/admin/agent', async (request, reply) => {
    const outcome = await agents.register(formOf(request));
    return reply.code(statusOf(outcome)).type('application/json').send('');
  });
}

/** @throws Halt for the outcomes that come with a text */
function statusOf(outcome: RegistrationOutcome): 200 | 202 {
  switch (outcome.type) {
    case 'registered':
      return 200;
    case 'pending':
      return 202;
    case 'bad-token':
      throw Halt.text(403, 'Not a valid token.');
    case 'rejected':
      throw Halt.text(422, outcome.message);
  }
}

/** @throws Halt 400 if one of the twelve fields is missing; they may be empty */
function formOf(request: FastifyRequest): RegistrationForm {
  const isForm = /^application\/x-www-form-urlencoded\s*(;|$)/i.test(request.headers['content-type'] ?? '');
  const ipAddress = plainAddress(request.socket.remoteAddress ?? '');
  const fields = decode(isForm && typeof request.body === 'string' ? request.body : '');
  return {
    hostName: fields.hostname,
    uuid: fields.uuid,
    location: fields.location,
    usableSpace: fields.usablespace,
    operatingSystem: fields.operatingSystem,
    autoRegisterKey: fields.agentAutoRegisterKey,
    autoRegisterResources: commaList(fields.agentAutoRegisterResources),
    autoRegisterEnvironments: commaList(fields.agentAutoRegisterEnvironments),
    autoRegisterHostName: fields.agentAutoRegisterHostname,
    elasticAgentId: fields.elasticAgentId,
    elasticPluginId: fields.elasticPluginId,
    token: fields.token,
    ipAddress,
    isLocal: isLoopback(ipAddress) && isToThisMachine(request.headers.host),
  };
}

function decode(form: string): RegistrationFields {
  try {
    return decodeRegistrationFields(form);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw Halt.text(400, `Required parameter '${error.path.replace('$.', '')}' is not present.`);
  }
}

/** Trimmed, without doubles, sorted (agent-protocol 2.5). */
function commaList(text: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  return [...new Set(items.filter((item) => item !== ''))].sort();
}

/** An IPv4 client of an IPv6 socket, without the prefix. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, '');
}
