import type { BuildWork } from '@go-agent/protocol';
import type { Assignment } from '../format.ts';

export interface SampleOptions {
  readonly home: string;
  readonly buildId: number;
  readonly uuid?: string;
}

/** A job without materials and tasks, for tests. */
export function sampleWork(buildId: number): BuildWork {
  return {
    type: 'BuildWork',
    consoleLogCharset: 'UTF-8',
    assignment: {
      fetchMaterials: true,
      cleanWorkingDirectory: false,
      builders: [],
      artifactPlans: [],
      artifactStores: [],
      buildWorkingDirectory: { path: 'pipelines/up42' },
      jobIdentifier: {
        pipelineName: 'up42',
        pipelineCounter: 7,
        pipelineLabel: '1.0.7',
        stageName: 'up42_stage',
        buildName: 'up42_job',
        buildId,
        stageCounter: '1',
      },
      initialContext: { properties: [] },
      materialRevisions: { revisions: [] },
    },
  };
}

export function sampleAssignment({ home, buildId, uuid = 'a-uuid' }: SampleOptions): Assignment {
  return {
    version: 1,
    bootId: 'boot',
    buildId,
    work: sampleWork(buildId),
    agent: { uuid, hostName: 'build-7', home, serverUrl: 'http://127.0.0.1:8153/go' },
    hiddenEnvironment: [],
    graceMs: 1000,
  };
}
