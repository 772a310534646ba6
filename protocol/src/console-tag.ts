/** Two characters before each physical line of the console (reference 5.2). */
export const ConsoleTag = {
  notice: '##',
  prepareOut: 'pr',
  prepareError: 'pe',
  taskStart: '!!',
  taskOut: '&1',
  /** Also for errors of the agent itself. */
  taskError: '&2',
  taskPassed: '?0',
  taskFailed: '?1',
  taskCancelled: '^C',
  cancelTaskStart: '!x',
  cancelTaskPassed: 'x0',
  cancelTaskFailed: 'x1',
  jobPassed: 'j0',
  jobFailed: 'j1',
  artifact: 'ar',
  artifactError: 'ae',
  completed: 'ex',
} as const;
export type ConsoleTag = (typeof ConsoleTag)[keyof typeof ConsoleTag];
