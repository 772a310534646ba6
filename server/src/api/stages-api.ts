import type { FastifyInstance } from 'fastify';
import type { TestCounts } from '../artifacts/test-summary.ts';
import type { PipelineDesk } from '../core.ts';
import type { JobView } from '../domain/views.ts';
import { Halt } from '../http/halt.ts';
import { USER } from '../security/access.ts';
import { apiRoute } from './api-route.ts';
import { done } from './command-answer.ts';
import { type PageQuery, pageLinks, parsePage } from './paging.ts';
import { parseCounter, pipelineNotFound } from './pipelines-api.ts';
import { stageHistory } from './stage-history.ts';
import { jobInstanceShape, stageHistoryShape, stageInstanceShape, type WaitOf } from './stage-shape.ts';
import { baseUrl, pathTo } from './web-links.ts';

interface StageRun {
  readonly Params: {
    readonly pipeline: string;
    readonly counter: string;
    readonly stage: string;
    readonly stageCounter: string;
  };
}

/** `/go/api/stages` and `/go/api/jobs` (server-config-api 3.3). */
export function stagesApi(
  app: FastifyInstance,
  pipelines: PipelineDesk,
  testsOf: (job: JobView) => Promise<TestCounts | undefined>,
  waits: () => WaitOf,
): void {
  apiRoute<StageRun>(app, {
    method: 'GET',
    path: '/api/stages/:pipeline/:counter/:stage/:stageCounter',
    versions: [2, 3],
    handle: async ({ params }) => {
      const run = stageRun(params);
      const stage =
        run && (await pipelines.stage(params.pipeline, run.counter, params.stage, run.stageCounter));
      if (!stage) throw stageNotFound(params.stage, params.stageCounter);
      const tests = new Map<number, TestCounts>();
      for (const job of stage.jobs) {
        const counts = await testsOf(job);
        if (counts) tests.set(job.jobId, counts);
      }
      return stageInstanceShape({ pipeline: params.pipeline, counter: run.counter }, stage, tests, waits());
    },
  });

  apiRoute<StageRun>(app, {
    method: 'POST',
    path: '/api/stages/:pipeline/:counter/:stage/:stageCounter/cancel',
    versions: [1, 2, 3],
    handle: async ({ params }) => {
      const run = stageRun(params);
      if (!run) throw stageNotFound(params.stage, params.stageCounter);
      const { pipeline, stage } = params;
      return {
        message: done(await pipelines.cancelStage(pipeline, run.counter, stage, run.stageCounter, USER))
          .message,
      };
    },
  });

  apiRoute<{
    readonly Params: { readonly pipeline: string; readonly counter: string; readonly stage: string };
  }>(app, {
    method: 'POST',
    path: '/api/stages/:pipeline/:counter/:stage/run',
    versions: [1, 2],
    handle: async ({ params }, reply) => {
      const { pipeline, stage } = params;
      const counter =
        parseCounter(params.counter) ?? (await latestCounter(pipelines, pipeline, params.counter));
      if (counter === undefined) throw stageNotFound(stage, params.counter);
      done(await pipelines.runStage(pipeline, counter, stage, USER));
      reply.code(202);
      return { message: `Request to schedule stage ${pipeline}/${counter}/${stage} accepted` };
    },
  });

  apiRoute<{
    readonly Params: { readonly pipeline: string; readonly stage: string };
    readonly Querystring: PageQuery;
  }>(app, {
    method: 'GET',
    path: '/api/stages/:pipeline/:stage/history',
    versions: [2, 3],
    handle: async (request) => {
      const page = parsePage(request.query);
      const { pipeline, stage } = request.params;
      if ((await pipelines.status(pipeline)) === undefined) throw pipelineNotFound(pipeline);
      const { runs, hasNewer, hasOlder } = await stageHistory(pipelines, pipeline, stage, page);
      const url = `${baseUrl(request)}/api/stages/${pathTo(pipeline, stage)}/history`;
      return {
        _links: pageLinks(
          url,
          runs.map(({ view }) => view.id),
          { hasNewer, hasOlder, size: page.size },
        ),
        stages: runs.map(({ counter, view }) => stageHistoryShape({ pipeline, counter }, view)),
      };
    },
  });

  apiRoute<{ readonly Params: StageRun['Params'] & { readonly job: string } }>(app, {
    method: 'GET',
    path: '/api/jobs/:pipeline/:counter/:stage/:stageCounter/:job',
    versions: [1],
    handle: async ({ params }) => {
      const run = stageRun(params);
      const job =
        run &&
        (await pipelines.findJob({
          pipeline: params.pipeline,
          stage: params.stage,
          job: params.job,
          ...run,
        }));
      if (!job) throw Halt.message(404, `Job '${params.job}' was not found!`);
      return jobInstanceShape(job, await testsOf(job), waits());
    },
  });
}

async function latestCounter(
  pipelines: PipelineDesk,
  pipeline: string,
  word: string,
): Promise<number | undefined> {
  if (word.toLowerCase() !== 'latest') return undefined;
  return (await pipelines.history(pipeline, { size: 1 })).instances[0]?.counter;
}

function stageRun(
  params: StageRun['Params'],
): { readonly counter: number; readonly stageCounter: number } | undefined {
  const counter = parseCounter(params.counter);
  const stageCounter = parseCounter(params.stageCounter);
  return counter === undefined || stageCounter === undefined ? undefined : { counter, stageCounter };
}

function stageNotFound(stage: string, counter: string): Halt {
  return Halt.message(
    404,
    `Stage '${stage}' with counter '${counter}' not found. Please make sure specified stage or stage run with specified counter exists.`,
  );
}
