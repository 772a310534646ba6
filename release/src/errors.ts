/** The codes of this package's AppErrors (docs/errors.md). */
export const releaseErrorCodes = ['release-folder', 'release-keys'] as const;
export type ReleaseErrorCode = (typeof releaseErrorCodes)[number];
