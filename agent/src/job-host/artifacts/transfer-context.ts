import type { JobContext } from '../job-context.ts';

/** What a transfer of files works with. `cancelled` ends it. */
export type TransferContext = Pick<
  JobContext,
  'assignment' | 'relay' | 'clock' | 'cancelled' | 'console' | 'folder'
>;
