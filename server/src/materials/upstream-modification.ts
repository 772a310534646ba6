import { stageLocator } from '../domain/locator.ts';
import type { NewModification } from '../store/modification-repository.ts';
import type { Repositories } from '../store/repositories.ts';

/** The newest run of a stage that passed, as a modification of those that depend on it (reference: server-config-api 2.2). */
export async function upstreamModification(
  repositories: Repositories,
  pipeline: string,
  stage: string,
): Promise<NewModification | undefined> {
  const run = await repositories.stages.newestPassed(pipeline, stage);
  const instance = run === undefined ? undefined : await repositories.instances.byId(run.instanceId);
  if (run === undefined || instance === undefined) return undefined;
  return {
    revision: stageLocator({
      pipeline: instance.name,
      counter: instance.counter,
      stage: run.name,
      stageCounter: run.counter,
    }),
    modifiedAt: run.completedAt ?? run.createdAt,
    userName: '',
    emailAddress: '',
    comment: '',
    pipelineLabel: instance.label,
    files: [],
  };
}
