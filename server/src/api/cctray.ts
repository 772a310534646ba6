import type { FastifyInstance } from 'fastify';
import type { PipelineDesk } from '../core.ts';
import { sameName } from '../domain/names.ts';
import type { JobView, StageStatusView, StageView } from '../domain/views.ts';
import { sendUnlessKnown } from '../http/conditional.ts';
import { READ } from '../http/http-app.ts';
import { baseUrl, jobUrl, stageUrl } from './web-links.ts';

interface Project {
  readonly name: string;
  readonly building: boolean;
  readonly failed: boolean;
  readonly label: string;
  readonly at: number;
  readonly url: string;
}

/** `/go/cctray.xml`: a project for each stage and each job (server-config-api 3.5). @param startedAt of this server */
export function cctray(app: FastifyInstance, pipelines: PipelineDesk, startedAt: number): void {
  app.route({
    method: READ,
    url: '/go/cctray.xml',
    handler: async (request, reply) => {
      const base = baseUrl(request);
      const projects = (await pipelines.stageStatuses()).flatMap((stage) =>
        projectsOf(base, stage, startedAt),
      );
      return sendUnlessKnown(request, reply.type('application/xml; charset=utf-8'), cctrayXml(projects));
    },
  });
}

function projectsOf(
  base: string,
  { pipeline, stage, jobs, newest, last }: StageStatusView,
  startedAt: number,
): Project[] {
  const name = `${pipeline} :: ${stage}`;
  const neverRan = { building: false, failed: false, label: '1', at: startedAt, url: `${base}/` };
  const names = jobs.map((job) => ({ job, name: `${name} :: ${job}` }));
  if (newest === undefined || last === undefined)
    return [name, ...names.map((one) => one.name)].map((project) => ({ ...neverRan, name: project }));
  const { counter, label, stage: run } = last;
  const shared = {
    label: run.counter > 1 ? `${label} :: ${run.counter}` : label,
    at: run.completedAt ?? run.createdAt,
  };
  const locator = { pipeline, counter, stage, stageCounter: run.counter };
  return [
    {
      ...shared,
      name,
      building: isRunning(newest.stage),
      failed: run.state !== 'passed' && run.state !== 'building',
      url: stageUrl(base, locator),
    },
    ...names.map(({ job, name: project }) => {
      const found = jobOf(run, job);
      const building = isUnfinished(jobOf(newest.stage, job));
      // It came into the configuration after that run.
      if (found === undefined) return { ...neverRan, name: project, building };
      return {
        ...shared,
        name: project,
        building,
        failed: hasFailed(found),
        url: jobUrl(base, { ...locator, job: found.job }),
      };
    }),
  ];
}

function jobOf({ jobs }: StageView, name: string): JobView | undefined {
  return jobs.find(({ job }) => sameName(job, name));
}

function isUnfinished(job: JobView | undefined): boolean {
  return job !== undefined && job.state !== 'completed';
}

function isRunning(stage: StageView): boolean {
  return stage.state === 'building' || stage.state === 'failing';
}

function hasFailed(job: JobView): boolean {
  return job.result === 'failed' || job.result === 'cancelled';
}

function cctrayXml(projects: readonly Project[]): string {
  const lines = projects.map((project) => {
    const attributes = {
      name: project.name,
      activity: project.building ? 'Building' : 'Sleeping',
      lastBuildStatus: project.failed ? 'Failure' : 'Success',
      lastBuildLabel: project.label,
      lastBuildTime: `${new Date(project.at).toISOString().slice(0, 19)}Z`,
      webUrl: project.url,
    };
    const text = Object.entries(attributes).map(([name, value]) => `${name}="${escapeXml(value)}"`);
    return `  <Project ${text.join(' ')}/>`;
  });
  return ['<?xml version="1.0" encoding="utf-8"?>', '<Projects>', ...lines, '</Projects>', ''].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };

function escapeXml(text: string): string {
  return text.replace(/[<>&"]/g, (char) => ENTITIES[char] ?? char);
}
