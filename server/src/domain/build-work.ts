// One job as an agent gets it: complete, so that a stock agent runs it too (reference: agent-protocol 4.8 to 4.10).

import type { ArtifactPlan, BuildWork } from '@go-agent/protocol';
import { type JobEnvironmentInput, jobEnvironment } from './job-environment.ts';
import type { ArtifactConfig } from './pipeline-config.ts';
import { taskBuilder, workingFolder } from './task-builder.ts';
import { wireRevision } from './wire-material.ts';

/** @throws whatever `open` throws for a secret that cannot be opened. */
export function buildWork(input: JobEnvironmentInput): BuildWork {
  const { job, plan, open } = input;
  const context = { pipeline: job.pipeline, sources: plan.sources, open };
  return {
    type: 'BuildWork',
    assignment: {
      fetchMaterials: plan.fetchMaterials,
      cleanWorkingDirectory: plan.cleanWorkspace,
      builders: plan.tasks.map((task) => taskBuilder(task, context)),
      artifactPlans: plan.artifacts.map((artifact) => artifactPlan(artifact, job.jobId)),
      artifactStores: [],
      buildWorkingDirectory: { path: workingFolder(job.pipeline) },
      jobIdentifier: {
        pipelineName: job.pipeline,
        pipelineCounter: job.counter,
        pipelineLabel: job.label,
        stageName: job.stage,
        buildName: job.job,
        buildId: job.jobId,
        stageCounter: String(job.stageCounter),
        ...(input.rerunOfCounter === undefined ? {} : { rerunOfCounter: input.rerunOfCounter }),
      },
      initialContext: { properties: jobEnvironment(input) },
      materialRevisions: { revisions: input.revisions.map((revision) => wireRevision(revision, open)) },
      approver: plan.approver,
      ...(plan.timeoutMinutes > 0 ? { jobTimeoutMs: plan.timeoutMinutes * 60_000 } : {}),
    },
    consoleLogCharset: 'utf-8',
  };
}

function artifactPlan({ type, source, destination }: ArtifactConfig, buildId: number): ArtifactPlan {
  return {
    testArtifactPlansForMerging: [],
    buildId,
    artifactPlanType: type === 'test' ? 'unit' : 'file',
    src: source,
    dest: destination === '' && type === 'test' ? 'testoutput' : destination,
    id: -1,
  };
}
