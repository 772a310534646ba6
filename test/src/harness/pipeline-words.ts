/** A task of a pipeline file that runs a shell script. */
export function shellTask(script: string, more: Readonly<Record<string, unknown>> = {}) {
  return { exec: { command: 'sh', arguments: ['-c', script], ...more } };
}

/** A stage with one job. */
export function stageOf(
  stage: string,
  job: string,
  tasks: readonly unknown[],
  more: { readonly stage?: object; readonly job?: object } = {},
) {
  return { [stage]: { ...more.stage, jobs: { [job]: { tasks, ...more.job } } } };
}
