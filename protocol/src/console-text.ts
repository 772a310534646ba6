// The exact words of the stock agent: users' eyes and GoCD's web page look for them (reference 4.11, 4.12, 6.1 to 6.5, 8).

/** Where a job runs, as most lines of its frame end. */
export interface ConsolePlace {
  /** `buildLocatorForDisplay` of the job. */
  readonly locator: string;
  readonly hostName: string;
  /** Absolute path of the agent's home folder. */
  readonly home: string;
}

export type StatusWord = 'passed' | 'failed' | 'cancelled';

function at({ locator, hostName, home }: ConsolePlace): string {
  return `${locator} on ${hostName} [${home}]`;
}

/** In front of everything that the agent itself says. */
const GO = '[go] ';
export const MASKED_IN_REPORT = '********';
export const MASKED_IN_OUTPUT = '******';
export const CROPPED = '...[ cropped by GoCD ]';

export const consoleText = {
  /** `when` from `formatDateTime`. Tag `##`. */
  jobStarted: (when: string) => `${GO}Job Started: ${when}`,
  /** Tag `##`. */
  jobIsCancelled: (place: ConsolePlace) => `${GO}Job is cancelled ${at(place)}`,
  /** Tag `pr`. */
  startToPrepare: (place: ConsolePlace) => `${GO}Start to prepare ${at(place)}`,
  /** Tag `##`. */
  cleaning: (absolutePath: string) =>
    `${GO}Cleaning working directory "${absolutePath}" since stage is configured to clean working directory`,
  /** Tag `pr`; an empty `pr` line follows. */
  updateMaterials: () => `${GO}Start to update materials.\n`,
  /** Tag `pr`. */
  skipMaterials: () => `${GO}Skipping material update since stage is configured not to fetch materials`,
  /** Tag `pr`. The value of a secure variable is given as {@link MASKED_IN_REPORT}. */
  setVariable: (name: string, value: string) =>
    `${GO}setting environment variable '${name}' to value '${value}'`,
  /** Tag `pr`: the name is in the agent's own environment or came before. */
  overrideVariable: (name: string, value: string) =>
    `${GO}overriding environment variable '${name}' with value '${value}'`,
  /** Tag `##`. */
  startToBuild: (place: ConsolePlace) => `${GO}Start to build ${at(place)}`,
  /** Tag `!!`. */
  taskStart: (description: string) => `${GO}Task: ${description}`,
  /** Tag `?0`, `?1` or `^C`. `exitCode`: only if known and not 0. */
  taskStatus: (status: StatusWord, durationMs: number, exitCode?: number) =>
    `${GO}Task status: ${status} (${Math.round(durationMs)} ms)${exitCode === undefined ? '' : ` (exit code: ${exitCode})`}`,
  /** Tag `!x`. */
  cancelTaskStart: (description: string) => `${GO}On Cancel Task: ${description}`,
  /** Tag `x0`. */
  cancelTaskCompleted: () => `${GO}On Cancel Task completed`,
  /** Tag `x1`. */
  cancelTaskFailed: () => `${GO}On Cancel Task failed`,
  /** Tag `j0` or `j1`. */
  currentJobStatus: (status: StatusWord) => `${GO}Current job status: ${status}`,
  /** Tag `ar`. */
  startToUpload: (place: ConsolePlace) => `${GO}Start to upload ${at(place)}`,
  /** Tag `ar`. An empty `dest` is the root. */
  uploading: (absolutePath: string, dest: string) =>
    `${GO}Uploading artifacts from ${absolutePath} to ${dest === '' ? '[defaultRoot]' : dest}`,
  /** Tag `ae`. */
  uploadFailed: (absolutePath: string) => `${GO}Failed to upload ${absolutePath}`,
  /** Tag `ae`: status 413, no more attempts. */
  uploadDenied: (file: string, size: string) =>
    `${GO}Artifact upload for file ${file} (Size: ${size}) was denied by the server. This usually happens when server runs out of disk space.`,
  /** Tag `ae`. */
  noMatch: (src: string, folder: string) =>
    `${GO}The rule [${src}] cannot match any resource under [${folder}]`,
  /** Tag `ae`. */
  uploadsFailed: (sources: readonly string[]) =>
    `${GO}Uploading finished. Failed to upload ${sources.map((src) => `[${src}]`).join('')}.`,
  /** Tag `ae`. */
  noTestResults: () => `${GO}No files were found in the Test Results folders`,
  /** Tag `&1`. `from`: `buildLocatorForDisplay` of the source job. */
  fetching: (src: string, from: string) => `${GO}Fetching artifact [${src}] from [${from}]`,
  /** Tag `&1`. */
  savedVerified: (dest: string) =>
    `${GO}Saved artifact to [${dest}] after verifying the integrity of its contents.`,
  /** Tag `&2`. */
  savedUnverified: (dest: string) =>
    `${GO}Saved artifact to [${dest}] without verifying the integrity of its contents.`,
  /** Tag `&1`: status 304. */
  notModified: () => 'Artifact is not modified, skipped fetching it',
  /** Tag `&2`: no checksum file on the server. */
  checksumFileMissing: () =>
    `${GO}[WARN] The md5checksum property file was not found on the server. Hence, Go can not verify the integrity of the artifacts.`,
  /** Tag `&2`. */
  checksumMismatch: (artifact: string) =>
    `${GO}[ERROR] Verification of the integrity of the artifact [${artifact}] failed. The artifact file on the server may have changed since its original upload.`,
  /** Tag `&2`. */
  fetchRetry: (url: string, seconds: number, error: string) =>
    `${GO}Could not fetch artifact ${url}. Pausing ${seconds} seconds to retry. Error was : ${error}`,
  /** Tag `&2`. */
  fetchGivenUp: (url: string, tries: number) =>
    `Giving up fetching resource '${url}'. Tried ${tries} times and failed.`,
  /** Tag `ex`. */
  jobCompleted: (place: ConsolePlace) => `${GO}Job completed ${at(place)}`,
} as const;
