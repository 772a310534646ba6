export { type LauncherErrorCode, launcherErrorCodes } from './errors.ts';
