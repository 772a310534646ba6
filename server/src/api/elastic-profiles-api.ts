import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { ElasticDesk, ProfileEntry, ProfileSaved } from '../core-elastic.ts';
import { Halt } from '../http/halt.ts';
import { apiRoute } from './api-route.ts';
import { decodedBody } from './decoded-body.ts';
import {
  clusterBody,
  clusterShape,
  etagOf,
  policyOf,
  problemsShape,
  profileBody,
  profileShape,
} from './elastic-shapes.ts';
import { baseUrl, docUrl } from './web-links.ts';

interface One {
  readonly Params: { readonly id: string };
}

interface Resource<T extends { readonly id: string }, B extends z.ZodType<{ readonly id: string }>> {
  readonly path: string;
  readonly versions: readonly number[];
  /** As messages call it. */
  readonly what: string;
  readonly embedded: string;
  readonly doc: string;
  readonly body: B;
  all(): readonly ProfileEntry<T>[];
  shape(base: string, entry: ProfileEntry<T>): object;
  save(body: z.output<B>, change: 'create' | 'update'): Promise<ProfileSaved<T>>;
  remove(id: string): Promise<ProfileSaved<string>>;
}

/** Cluster profiles and elastic agent profiles (server-agents-jobs-elastic 3.1, A.1). */
export function elasticProfilesApi(app: FastifyInstance, elastic: ElasticDesk): void {
  resource(app, {
    path: '/api/admin/elastic/cluster_profiles',
    versions: [1],
    what: 'Cluster profile',
    embedded: 'cluster_profiles',
    doc: 'cluster-profiles',
    body: clusterBody,
    all: () => elastic.clusters(),
    shape: clusterShape,
    save: ({ id, plugin_id: pluginId, properties, priority }, change) => {
      const before = elastic.clusters().find(({ value }) => value.id === id)?.value;
      const draft = { id, pluginId, properties, priority: orKept(priority, before?.priority) ?? 0 };
      return elastic.saveCluster(draft, change);
    },
    remove: (id) => elastic.removeCluster(id),
  });
  resource(app, {
    path: '/api/elastic/profiles',
    versions: [2],
    what: 'Elastic agent profile',
    embedded: 'profiles',
    doc: 'elastic-agent-profiles',
    body: profileBody,
    all: () => elastic.profiles(),
    shape: profileShape,
    save: ({ id, cluster_profile_id: clusterProfileId, properties, policy: given, claims }, change) => {
      const before = elastic.profiles().find(({ value }) => value.id === id)?.value;
      const policy = given === undefined && before !== undefined ? before.policy : policyOf(given);
      const draft = {
        id,
        clusterProfileId,
        properties,
        policy,
        claims: orKept(claims, before?.claims) ?? [],
      };
      return elastic.saveProfile(draft, change);
    },
    remove: (id) => elastic.removeProfile(id),
  });
  apiRoute<One>(app, {
    method: 'GET',
    path: '/api/internal/elastic/profiles/:id/usages',
    versions: [1],
    handle: async ({ params }) =>
      elastic
        .usages(params.id)
        .map(({ pipeline, stage, job }) => ({ pipeline_name: pipeline, stage_name: stage, job_name: job })),
  });
}

function resource<T extends { readonly id: string }, B extends z.ZodType<{ readonly id: string }>>(
  app: FastifyInstance,
  { path, versions, what, embedded, doc, body, all, shape, save, remove }: Resource<T, B>,
): void {
  const find = (id: string) => {
    const entry = all().find(({ value }) => value.id === id);
    if (entry === undefined) throw Halt.message(404, `${what} with id '${id}' was not found!`);
    return entry;
  };
  const answer = (request: FastifyRequest, reply: FastifyReply, entry: ProfileEntry<T>) => {
    const shown = shape(baseUrl(request), entry);
    reply.header('ETag', etagOf(shown));
    return shown;
  };
  const saved = async (
    request: FastifyRequest,
    reply: FastifyReply,
    given: z.output<B>,
    change: 'create' | 'update',
  ) => {
    const value = unlessRefused(await save(given, change), `${what} '${given.id}'`, given);
    return answer(request, reply, { value, origin: 'api' });
  };

  apiRoute(app, {
    method: 'GET',
    path,
    versions,
    handle: async (request) => {
      const base = baseUrl(request);
      return {
        _links: { self: { href: base + path }, doc: docUrl(doc), find: { href: `${base}${path}/:id` } },
        _embedded: { [embedded]: all().map((entry) => shape(base, entry)) },
      };
    },
  });
  apiRoute<One>(app, {
    method: 'GET',
    path: `${path}/:id`,
    versions,
    handle: async (request, reply) => answer(request, reply, find(request.params.id)),
  });
  apiRoute(app, {
    method: 'POST',
    path,
    versions,
    handle: async (request, reply) => saved(request, reply, decodedBody(request, body), 'create'),
  });
  apiRoute<One>(app, {
    method: 'PUT',
    path: `${path}/:id`,
    versions,
    handle: async (request, reply) => {
      const { id } = request.params;
      const etag = etagOf(shape(baseUrl(request), find(id)));
      if (request.headers['if-match'] !== etag) {
        const message = `Someone has modified the configuration for ${what.toLowerCase()} '${id}'. Please update your copy of the config with the changes and try again.`;
        throw Halt.message(412, message);
      }
      const given = decodedBody(request, body);
      if (given.id !== id) throw Halt.message(422, `Renaming of ${what.toLowerCase()} IDs is not supported.`);
      return saved(request, reply, given, 'update');
    },
  });
  apiRoute<One>(app, {
    method: 'DELETE',
    path: `${path}/:id`,
    versions,
    handle: async ({ params }) => ({ message: unlessRefused(await remove(params.id), what, {}) }),
  });
}

/** What GoCD's own profiles do not have, its clients do not send back: that is no wish to change it. Null is one. */
function orKept<T>(given: T | null | undefined, before: T | undefined): T | undefined {
  return given === undefined ? before : (given ?? undefined);
}

/** @throws Halt 404, 422 */
function unlessRefused<T>(outcome: ProfileSaved<T>, what: string, entity: object): T {
  if (outcome.type === 'ok') return outcome.value;
  if (outcome.type === 'invalid')
    throw Halt.json(422, problemsShape(what, entity, outcome.problems, outcome.properties));
  throw Halt.message(outcome.type === 'not-found' ? 404 : 422, outcome.message);
}
