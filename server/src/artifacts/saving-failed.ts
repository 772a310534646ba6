import { TarError } from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime';
import { Halt } from '../http/halt.ts';
import type { FileDesk } from './file-desk.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** The answer for a file that could not be stored. */
export function savingFailed(desk: FileDesk, path: string, error: unknown): Halt {
  if (error instanceof Halt) return error;
  if (error instanceof TarError) return Halt.text(400, error.message);
  if (error instanceof AppError && error.code === 'artifact-digest') return Halt.text(422, error.message);
  if (error instanceof AppError && error.code === 'artifact-save') return Halt.text(403, error.message);
  desk.logger.error({ path, err: error }, 'Cannot save an artifact');
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // As for a disk that is known to be full before (agent-protocol 6.4).
  if (FULL.has(code))
    return Halt.text(413, 'The disk of the artifacts is full. Free some space on the server.');
  return Halt.text(500, `Error saving file ${path}`);
}
