/** Reference 4.6. */
export const JOB_STATES = [
  'Unknown',
  'Scheduled',
  'Assigned',
  'Preparing',
  'Building',
  'Completing',
  'Completed',
  'Discontinued',
  'Rescheduled',
  'Paused',
  'Waiting',
] as const;
export type JobState = (typeof JOB_STATES)[number];

/** Reference 4.6. */
export const JOB_RESULTS = ['Passed', 'Failed', 'Cancelled', 'Unknown'] as const;
export type JobResult = (typeof JOB_RESULTS)[number];
