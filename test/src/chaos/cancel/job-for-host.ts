import type { Assignment } from '@go-agent/agent';
import type { Builder } from '@go-agent/protocol';

export interface JobForHost {
  readonly home: string;
  readonly buildId: number;
  readonly scripts: readonly string[];
  readonly graceMs: number;
  /** Names that the job does not get of its host's environment. */
  readonly hidden: readonly string[];
}

/** What a courier would hand to a job host: shell scripts, without materials and artifacts. */
export function jobForHost({ home, buildId, scripts, graceMs, hidden }: JobForHost): Assignment {
  const workingDir = { path: 'pipelines/chaos' };
  return {
    version: 1,
    bootId: '',
    buildId,
    work: {
      type: 'BuildWork',
      consoleLogCharset: 'UTF-8',
      assignment: {
        fetchMaterials: false,
        cleanWorkingDirectory: false,
        builders: scripts.map((script) => shellBuilder(script, workingDir)),
        artifactPlans: [],
        artifactStores: [],
        buildWorkingDirectory: workingDir,
        jobIdentifier: {
          pipelineName: 'chaos',
          pipelineCounter: buildId,
          pipelineLabel: String(buildId),
          stageName: 'only',
          buildName: 'tree',
          buildId,
          stageCounter: '1',
        },
        initialContext: { properties: [] },
        materialRevisions: { revisions: [] },
      },
    },
    agent: { uuid: 'chaos', hostName: 'chaos', home, serverUrl: 'http://127.0.0.1:1/go' },
    hiddenEnvironment: hidden,
    graceMs,
  };
}

function shellBuilder(script: string, workingDir: { readonly path: string }): Builder {
  return {
    type: 'CommandBuilderWithArgList',
    command: 'sh',
    args: ['-c', script],
    workingDir,
    errorString: '',
    exitCode: -1,
    conditions: [],
    description: 'tree',
  };
}
