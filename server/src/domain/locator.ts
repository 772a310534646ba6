// `pipeline/counter/stage/stageCounter[/job]`, which names a run on the wire, in URLs and in revisions of dependency materials.

export interface StageLocator {
  readonly pipeline: string;
  readonly counter: number;
  readonly stage: string;
  readonly stageCounter: number;
}

export function stageLocator({ pipeline, counter, stage, stageCounter }: StageLocator): string {
  return `${pipeline}/${counter}/${stage}/${stageCounter}`;
}

export function jobLocator(job: StageLocator & { readonly job: string }): string {
  return `${stageLocator(job)}/${job.job}`;
}

/** Undefined if the text is not the locator of a stage run. */
export function parseStageLocator(text: string): StageLocator | undefined {
  const [pipeline, counter, stage, stageCounter, ...rest] = text.split('/');
  if (pipeline === undefined || stage === undefined || rest.length > 0) return undefined;
  const numbers = [Number(counter), Number(stageCounter)] as const;
  if (!numbers.every((number) => Number.isInteger(number) && number > 0)) return undefined;
  return { pipeline, counter: numbers[0], stage, stageCounter: numbers[1] };
}
