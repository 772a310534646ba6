import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AgentDesk } from '../core.ts';
import type { AgentView } from '../domain/views.ts';
import { Halt } from '../http/halt.ts';
import { agentShape } from './agent-shape.ts';
import { apiRoute } from './api-route.ts';
import { done } from './command-answer.ts';
import { decodedBody, invalidEntity } from './decoded-body.ts';
import { baseUrl, docUrl } from './web-links.ts';

/** The shape has only gained since v4 (server-config-api 3.10). */
const VERSIONS = [4, 5, 6, 7];

const names = z
  .union([z.string().transform((text) => text.split(',')), z.array(z.string())])
  .transform(trimmed);

const change = z.object({
  hostname: z.string().optional(),
  agent_config_state: z
    .enum(['Enabled', 'Disabled'], {
      error: 'The value of `agent_config_state` can be one of `Enabled`, `Disabled` or null.',
    })
    .nullish(),
  resources: names.optional(),
  environments: names.optional(),
});

interface OneAgent {
  readonly Params: { readonly uuid: string };
}

/** `/go/api/agents` (server-config-api 3.7, server-agents-jobs-elastic 6.4). */
export function agentsApi(app: FastifyInstance, agents: AgentDesk): void {
  apiRoute(app, {
    method: 'GET',
    path: '/api/agents',
    versions: VERSIONS,
    handle: async (request) => {
      const base = baseUrl(request);
      const all = await agents.list();
      return {
        _links: { self: { href: `${base}/api/agents` }, doc: docUrl('agents') },
        _embedded: { agents: all.map((agent) => agentShape(base, agent)) },
      };
    },
  });

  apiRoute<OneAgent>(app, {
    method: 'GET',
    path: '/api/agents/:uuid',
    versions: VERSIONS,
    handle: async (request) => {
      return agentShape(baseUrl(request), await knownAgent(agents, request.params.uuid));
    },
  });

  apiRoute<OneAgent>(app, {
    method: 'PATCH',
    path: '/api/agents/:uuid',
    versions: VERSIONS,
    handle: async (request) => {
      const base = baseUrl(request);
      const before = agentShape(base, await knownAgent(agents, request.params.uuid));
      const body = decodedBody(request, change, before);
      const { hostname, agent_config_state: state, resources, environments } = body;
      const wanted = {
        ...(hostname === undefined ? {} : { hostName: hostname }),
        ...(state === undefined || state === null ? {} : { configState: configState(state) }),
        ...(resources === undefined ? {} : { resources }),
        ...(environments === undefined ? {} : { environments }),
      };
      if (Object.keys(wanted).length === 0) {
        throw Halt.message(
          400,
          'Bad Request. No operation is specified in the request to be performed on agent.',
        );
      }
      const outcome = await agents.update(request.params.uuid, wanted);
      if (outcome.type === 'invalid' && outcome.field !== undefined)
        throw invalidEntity(outcome.message, before, { [outcome.field]: [outcome.message] });
      return agentShape(base, done(outcome).value);
    },
  });

  apiRoute<OneAgent>(app, {
    method: 'DELETE',
    path: '/api/agents/:uuid',
    versions: VERSIONS,
    handle: async (request) => ({ message: done(await agents.remove(request.params.uuid)).message }),
  });

  apiRoute<OneAgent>(app, {
    method: 'POST',
    path: '/api/agents/:uuid/kill_running_tasks',
    versions: VERSIONS,
    handle: async (request, reply) => {
      done(await agents.killRunningTasks(request.params.uuid));
      await reply.code(202).send('');
    },
  });
}

/** @throws Halt 404 */
async function knownAgent(agents: AgentDesk, uuid: string): Promise<AgentView> {
  const agent = await agents.get(uuid);
  if (agent === undefined) throw Halt.message(404, `Agent with uuid '${uuid}' was not found!`);
  return agent;
}

function configState(word: 'Enabled' | 'Disabled'): 'enabled' | 'disabled' {
  return word === 'Enabled' ? 'enabled' : 'disabled';
}

function trimmed(items: readonly string[]): string[] {
  return [...new Set(items.map((item) => item.trim()).filter((item) => item !== ''))];
}
