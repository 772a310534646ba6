/** The codes of this package's AppErrors (docs/errors.md). */
export const launcherErrorCodes = [
  'launcher-agent-not-started',
  'launcher-bundle-refused',
  'launcher-download-broken',
  'launcher-home-unusable',
  'launcher-lock-busy',
  'launcher-no-agent',
  'launcher-settings',
] as const;
export type LauncherErrorCode = (typeof launcherErrorCodes)[number];
