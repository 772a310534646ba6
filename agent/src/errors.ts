import { SERVER_ERROR_CODES } from './courier/server/server-error.ts';

/** The codes of the courier and of the journal that it shares with the job host; the host's are below. */
const JOURNAL_CODES = [
  'journal-claimed',
  'journal-damaged',
  'journal-version',
  'journal-line-too-long',
  'journal-path-too-long',
] as const;

const COURIER_CODES = [
  'agent-locked',
  'agent-settings',
  'agent-launch',
  'agent-token-lost',
  ...SERVER_ERROR_CODES,
] as const;

/** The job host's own codes. */
const HOST_CODES = [
  'artifact-checksum-mismatch',
  'job-secret-unresolved',
  'job-user-folder',
  'material-failed',
  'material-not-supported',
  'relay-unreachable',
] as const;

/** Every code of an AppError thrown in this package (docs/errors.md). */
export const AGENT_ERROR_CODES = [...JOURNAL_CODES, ...COURIER_CODES, ...HOST_CODES] as const;
export type AgentErrorCode = (typeof AGENT_ERROR_CODES)[number];
