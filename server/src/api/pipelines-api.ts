import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { PipelineDesk } from '../core.ts';
import { Halt } from '../http/halt.ts';
import { USER } from '../security/access.ts';
import { apiRoute } from './api-route.ts';
import { done } from './command-answer.ts';
import { decodedBody } from './decoded-body.ts';
import { type PageQuery, pageLinks, parsePage } from './paging.ts';
import { pipelineInstanceShape } from './pipeline-shape.ts';
import { scheduleOptions } from './schedule-options.ts';
import { baseUrl, pathTo } from './web-links.ts';

const VERSIONS = [1];

interface OnePipeline {
  readonly Params: { readonly pipeline: string };
}

const pauseOptions = z.object({ pause_cause: z.string().nullish() });

/** `/go/api/pipelines` (server-config-api 3.2). */
export function pipelinesApi(app: FastifyInstance, pipelines: PipelineDesk): void {
  apiRoute<OnePipeline>(app, {
    method: 'POST',
    path: '/api/pipelines/:pipeline/schedule',
    versions: VERSIONS,
    handle: async (request, reply) => {
      const options = decodedBody(request, scheduleOptions);
      const { pipeline } = request.params;
      done(
        await pipelines.trigger(pipeline, {
          approver: USER,
          updateMaterials: options.update_materials_before_scheduling ?? true,
          variables: options.environment_variables ?? [],
          ...(options.materials === undefined ? {} : { materials: options.materials }),
        }),
      );
      reply.code(202);
      return { message: `Request to schedule pipeline ${pipeline} accepted` };
    },
  });

  apiRoute<OnePipeline>(app, {
    method: 'GET',
    path: '/api/pipelines/:pipeline/status',
    versions: VERSIONS,
    handle: async (request) => {
      const status = await pipelines.status(request.params.pipeline);
      if (status === undefined) throw pipelineNotFound(request.params.pipeline);
      return {
        paused: status.paused,
        paused_cause: status.pausedReason ?? null,
        paused_by: status.pausedBy ?? null,
        locked: status.locked,
        schedulable: status.schedulable,
      };
    },
  });

  apiRoute<OnePipeline>(app, {
    method: 'POST',
    path: '/api/pipelines/:pipeline/pause',
    versions: VERSIONS,
    handle: async (request) => {
      const { pause_cause: cause } = decodedBody(request, pauseOptions);
      return { message: done(await pipelines.pause(request.params.pipeline, USER, cause ?? '')).message };
    },
  });

  apiRoute<OnePipeline>(app, {
    method: 'POST',
    path: '/api/pipelines/:pipeline/unpause',
    versions: VERSIONS,
    handle: async (request) => ({ message: done(await pipelines.unpause(request.params.pipeline)).message }),
  });

  apiRoute<OnePipeline & { readonly Querystring: PageQuery }>(app, {
    method: 'GET',
    path: '/api/pipelines/:pipeline/history',
    versions: VERSIONS,
    handle: async (request) => {
      const page = parsePage(request.query);
      const { pipeline } = request.params;
      if ((await pipelines.status(pipeline)) === undefined) throw pipelineNotFound(pipeline);
      const { instances, hasNewer, hasOlder } = await pipelines.history(pipeline, page);
      const url = `${baseUrl(request)}/api/pipelines/${pathTo(pipeline)}/history`;
      return {
        _links: pageLinks(
          url,
          instances.map(({ id }) => id),
          { hasNewer, hasOlder, size: page.size },
        ),
        pipelines: instances.map(pipelineInstanceShape),
      };
    },
  });

  for (const suffix of ['', '/instance']) {
    apiRoute<{ readonly Params: { readonly pipeline: string; readonly counter: string } }>(app, {
      method: 'GET',
      path: `/api/pipelines/:pipeline/:counter${suffix}`,
      versions: VERSIONS,
      handle: async (request) => {
        const { pipeline, counter } = request.params;
        if ((await pipelines.status(pipeline)) === undefined) throw pipelineNotFound(pipeline);
        const number = parseCounter(counter);
        const instance = number === undefined ? undefined : await pipelines.instance(pipeline, number);
        if (instance === undefined)
          throw Halt.message(404, `Pipeline '${pipeline}' with counter '${counter}' was not found!`);
        return pipelineInstanceShape(instance);
      },
    });
  }
}

export function pipelineNotFound(name: string): Halt {
  return Halt.message(404, `Pipeline with name '${name}' was not found!`);
}

/** A positive number; undefined for anything else. */
export function parseCounter(text: string): number | undefined {
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
}
