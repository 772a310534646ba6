/** The codes of every AppError that this package throws (docs/errors.md). */
export const elasticErrorCodes = [
  'elastic-command-failed',
  'elastic-docker',
  'elastic-home-unusable',
  'elastic-kubernetes',
  'elastic-profile',
] as const;
