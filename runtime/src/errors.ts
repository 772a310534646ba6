/** The codes of every AppError that this package throws (docs/errors.md). */
export const runtimeErrorCodes = ['deadline-exceeded', 'socket-path-too-long'] as const;
