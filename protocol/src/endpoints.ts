// Paths below the server URL, which ends in CONTEXT_PATH; a server puts CONTEXT_PATH in front. Sections are of the reference.
import type { JobIdentifier } from './job-identifier.ts';
import type { BundleName } from './launch-contract.ts';
import { artifactLocator, buildLocator } from './locators.ts';

export const CONTEXT_PATH = '/go';

/** `serverUrl` may have one trailing slash. */
export function endpointUrl(serverUrl: string, path: string): string {
  return serverUrl.replace(/\/$/, '') + path;
}

/** The stock binaries: `HEAD` and `GET`, 200 with `Content-MD5` and the extra properties (1.1). */
export const StockBinaryPath = {
  agent: '/admin/agent',
  launcher: '/admin/agent-launcher.jar',
  plugins: '/admin/agent-plugins.zip',
  tfs: '/admin/tfs-impl.jar',
} as const;

/** `HEAD`, `GET`: 200, empty, the four MD5 headers and the extra properties (1.1, 1.5). */
export const LATEST_AGENT_STATUS_PATH = '/admin/latest-agent.status';

/** `HEAD`, `GET` of our bundles: 200 or 206 with `Content-MD5`, `Repr-Digest`; 404 if there is none (docs/architecture.md). */
export function agentBundlePath(name: BundleName): string {
  return `/admin/agent-bundles/${name}.zip`;
}

/** `GET`: 200 with the MD5 headers of the bundles that there are; 404 from a stock server (docs/architecture.md). */
export const LATEST_BUNDLES_PATH = '/admin/agent-bundles/latest.status';

/** `POST` of the registration form: 200 registered, 202 pending, 403 bad token, 422 rejected (2.4). */
export const REGISTRATION_PATH = '/admin/agent';

/** `GET`: 200 with the token as text; 409 with a message if one was issued (2.2). */
export function agentTokenPath(uuid: string): string {
  return `${AGENT_TOKEN_PATH}?uuid=${encodeURIComponent(uuid)}`;
}
export const AGENT_TOKEN_PATH = '/admin/agent/token';

/** The seven calls (4.1). */
export const AGENT_ACTIONS = [
  'ping',
  'get_work',
  'report_current_status',
  'report_completing',
  'report_completed',
  'is_ignored',
  'get_cookie',
] as const;
export type AgentAction = (typeof AGENT_ACTIONS)[number];

/** `POST` of JSON: 200; 403 not registered or another agent's uuid; 500 with `{"error"}` (4.1). */
export function agentActionPath(action: AgentAction): string {
  return `/remoting/api/agent/${action}`;
}

/** Where artifacts are for agents; `parseArtifactLocator` reads what follows. */
export const REMOTING_FILES_PATH = '/remoting/files/';
/** The same for people. */
export const FILES_PATH = '/files/';

export const CONSOLE_LOG = 'cruise-output/console.log';
export const MD5_CHECKSUM = 'cruise-output/md5.checksum';

function query(job: JobIdentifier, attempt: number): string {
  return `?attempt=${attempt}&buildId=${job.buildId}`;
}

/** `PUT` of console bytes, which the server appends; with `Upload-Offset` exactly once (5.1, docs/architecture.md). */
export function consoleLogPath(job: JobIdentifier): string {
  return `${REMOTING_FILES_PATH}${buildLocator(job)}/${CONSOLE_LOG}${query(job, 1)}`;
}

/** `POST` of a multipart zip that is unpacked into the folder `dest`: 201; 413 ends the attempts (6.2, 6.3). `attempt` from 1. */
export function artifactUploadPath(job: JobIdentifier, dest: string, attempt: number): string {
  return `${REMOTING_FILES_PATH}${artifactLocator(job, dest)}${query(job, attempt)}`;
}

/** `GET`: 200, or 304 if `sha1` (base64, of the file at hand) is that of the stored file (6.5). */
export function artifactFilePath(job: JobIdentifier, path: string, sha1?: string): string {
  const unlessSame = sha1 === undefined ? '' : `?sha1=${encodeURIComponent(sha1)}`;
  return `${REMOTING_FILES_PATH}${artifactLocator(job, path)}${unlessSame}`;
}

/** `GET` of a folder as a zip: 200, or 202 while it is being made (6.5). */
export function artifactFolderPath(job: JobIdentifier, path: string): string {
  return `${REMOTING_FILES_PATH}${artifactLocator(job, path)}.zip`;
}

/** `GET`: 200 with Java properties; 404 means that nothing can be verified (6.5). */
export function checksumFilePath(job: JobIdentifier): string {
  return `${REMOTING_FILES_PATH}${buildLocator(job)}/${MD5_CHECKSUM}`;
}
