/** Numbers of SQLite's primary result codes (https://sqlite.org/rescode.html): busy, locked, no memory, read only, I/O, corrupt, full, cannot open, no database. */
const SQLITE = new Set([5, 6, 7, 8, 10, 11, 13, 14, 26]);
const SYSTEM = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EMFILE', 'ENFILE', 'ENOMEM', 'ESTALE']);
const DEEPEST = 6;

/**
 * Whether something failed because this server cannot read or write its own data now. That says nothing about the request: asked
 * again when an operator has mended it, it succeeds.
 */
export function isStorageFailure(thrown: unknown): boolean {
  let error = thrown;
  for (let depth = 0; error instanceof Error && depth < DEEPEST; depth += 1) {
    const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
    if (code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number' && SQLITE.has(errcode & 0xff)) return true;
    if (typeof code === 'string' && SYSTEM.has(code)) return true;
    error = error.cause;
  }
  return false;
}
