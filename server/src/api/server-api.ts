import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ServerCore } from '../core.ts';
import { sendUnlessKnown } from '../http/conditional.ts';
import { READ } from '../http/http-app.ts';
import { jsonText, sendJson } from '../http/json-answer.ts';
import { GOCD_VERSION, VERSION } from '../version.ts';
import { apiRoute } from './api-route.ts';
import { decodedBody } from './decoded-body.ts';
import { baseUrl, docUrl } from './web-links.ts';

/** What everybody may ask (server-config-api 3.9, 4.4). */
export function publicApi(app: FastifyInstance): void {
  app.route({
    method: READ,
    url: '/go/api/v1/health',
    handler: (_request, reply) => sendJson(reply, { health: 'OK' }),
  });
  apiRoute(app, {
    method: 'GET',
    path: '/api/version',
    versions: [1],
    // Clients choose by `version` what they may ask for, so it is that of the API that is spoken.
    handle: async (request) => ({
      _links: { self: { href: `${baseUrl(request)}/api/version` }, doc: docUrl('version') },
      version: GOCD_VERSION,
      build_number: '0',
      git_sha: '',
      full_version: `${GOCD_VERSION} (go-server ${VERSION})`,
      commit_url: '',
    }),
  });
}

/** What is wrong with the server at the moment (server-agents-jobs-elastic 6.1). */
export function healthMessagesApi(app: FastifyInstance, core: ServerCore): void {
  apiRoute(app, {
    method: 'GET',
    path: '/api/server_health_messages',
    versions: [1],
    handle: async (request, reply) => {
      const messages = core.health().map(({ message, detail, level, at }) => ({
        message,
        detail,
        level: level.toUpperCase(),
        time: `${new Date(at).toISOString().slice(0, 19)}Z`,
      }));
      sendUnlessKnown(request, reply, jsonText(messages));
    },
  });
}

const secret = z.object({ value: z.string() });

/** `POST /go/api/admin/encrypt`: what a pipeline file may hold instead of a secret (server-config-api 3.9). */
export function encryptApi(app: FastifyInstance, core: ServerCore): void {
  apiRoute(app, {
    method: 'POST',
    path: '/api/admin/encrypt',
    versions: [1],
    handle: async (request) => ({
      _links: { self: { href: `${baseUrl(request)}/api/admin/encrypt` }, doc: docUrl('encryption') },
      encrypted_value: core.encrypt(decodedBody(request, secret).value),
    }),
  });
}
