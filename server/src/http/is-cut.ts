const CUT = new Set(['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'EPIPE']);

/** Whether reading a request's body failed because its sender has gone: nobody reads the answer. */
export function isCut(error: unknown): boolean {
  return error instanceof Error && 'code' in error && CUT.has(String(error.code));
}
