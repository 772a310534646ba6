const MISSING = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

/** True if the file system says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return MISSING.has(errorCode(error) ?? '');
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
