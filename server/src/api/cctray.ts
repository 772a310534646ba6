import type { FastifyInstance } from 'fastify';
import type { PipelineDesk } from '../core.ts';
import type { JobView, PipelineInstanceView, StageView } from '../domain/views.ts';
import { baseUrl, jobUrl, stageUrl } from './web-links.ts';

/** How far back the last completed run of a stage is looked for. */
const INSTANCES = 10;

interface Project {
  readonly name: string;
  readonly building: boolean;
  readonly failed: boolean;
  readonly label: string;
  readonly at: number;
  readonly url: string;
}

/** `/go/cctray.xml`: a project for each stage and each job (server-config-api 3.5). */
export function cctray(app: FastifyInstance, pipelines: PipelineDesk): void {
  app.get('/go/cctray.xml', async (request, reply) => {
    const base = baseUrl(request);
    const histories = await Promise.all(
      pipelines.names().map(({ name }) => pipelines.history(name, { size: INSTANCES })),
    );
    const projects = histories.flatMap(({ instances }) => projectsOf(base, instances));
    return reply.type('application/xml; charset=utf-8').send(cctrayXml(projects));
  });
}

/** @param instances of one pipeline, newest first */
function projectsOf(base: string, instances: readonly PipelineInstanceView[]): Project[] {
  const [newest] = instances;
  if (newest === undefined) return [];
  return newest.stages.flatMap(({ name }) => {
    const runs = instances.flatMap((instance) =>
      instance.stages
        .filter((stage) => stage.name === name && stage.scheduled)
        .map((stage) => ({ instance, stage })),
    );
    const [current] = runs;
    if (current === undefined) return [];
    const last = runs.find(({ stage }) => !isRunning(stage)) ?? current;
    const label =
      last.stage.counter > 1 ? `${last.instance.label} :: ${last.stage.counter}` : last.instance.label;
    const shared = { label, at: last.stage.completedAt ?? last.stage.createdAt };
    const locator = {
      pipeline: newest.name,
      counter: last.instance.counter,
      stage: name,
      stageCounter: last.stage.counter,
    };
    return [
      {
        ...shared,
        name: `${newest.name} :: ${name}`,
        building: isRunning(current.stage),
        failed: last.stage.state === 'failed' || last.stage.state === 'cancelled',
        url: stageUrl(base, locator),
      },
      ...last.stage.jobs.map((job) => ({
        ...shared,
        name: `${newest.name} :: ${name} :: ${job.job}`,
        building: current.stage.jobs.some((other) => other.job === job.job && other.state !== 'completed'),
        failed: hasFailed(job),
        url: jobUrl(base, { ...locator, job: job.job }),
      })),
    ];
  });
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
