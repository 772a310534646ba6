import { resolve } from 'node:path';
import {
  artifactFilePath,
  artifactFolderPath,
  buildLocatorForDisplay,
  ConsoleTag,
  checksumFilePath,
  consoleText,
  type FetchArtifactBuilder,
  HeaderName,
  parseChecksumFile,
  parseSha256Lines,
  SHA256_CHECKSUM,
} from '@go-agent/protocol';
import { describeError } from '@go-agent/runtime/core';
import { type FetchResult, fetchFile } from '../artifacts/fetch-file.ts';
import { fetchFolder } from '../artifacts/fetch-folder.ts';
import { fetchTree } from '../artifacts/fetch-tree.ts';
import { Patience } from '../artifacts/patience.ts';
import { readAll, requestReady } from '../artifacts/request-ready.ts';
import { type Checksums, checksumVerifier } from '../artifacts/verify-checksum.ts';
import type { TaskContext, TaskOutcome } from './task-context.ts';

const TRIES = 4;

/** Gets a file or a folder from the artifacts of another job, verified by MD5 (agent-protocol 6.5). */
export async function runFetchTask(
  builder: FetchArtifactBuilder,
  context: TaskContext,
): Promise<TaskOutcome> {
  const { clock, console, cancelled } = context;
  const from = buildLocatorForDisplay(builder.jobIdentifier);
  console.line(ConsoleTag.taskOut, consoleText.fetching(builder.srcdir, from));
  const path = artifactPath(builder);
  for (let attempt = 1; ; attempt += 1) {
    const result = await attemptFetch(builder, context);
    if (result.kind === 'done') return { passed: true };
    if (cancelled.aborted) return { passed: false };
    if (result.kind === 'missing') {
      const said = result.said === '' ? '' : ` The server says: ${result.said}`;
      const remedy = 'Check the path, and that the job published it and it has not been purged.';
      console.line(
        ConsoleTag.taskError,
        `[go] There is no artifact [${builder.srcdir}] of [${from}]. ${remedy} It was looked for at ${path}.${said}`,
      );
      break;
    }
    if (attempt === TRIES) {
      console.line(ConsoleTag.taskError, consoleText.fetchGivenUp(path, TRIES));
      break;
    }
    const seconds = Math.round(10 * attempt + 10 * Math.random());
    console.line(ConsoleTag.taskError, consoleText.fetchRetry(path, seconds, result.message));
    if (!(await clock.sleep(seconds * 1000, cancelled))) return { passed: false };
  }
  console.line(ConsoleTag.taskError, `[go] Failed to save artifact [${builder.srcdir}] to [${builder.dest}]`);
  return { passed: false };
}

function artifactPath({ handler, jobIdentifier }: FetchArtifactBuilder): string {
  return handler.type === 'FileHandler'
    ? artifactFilePath(jobIdentifier, handler.srcFile)
    : artifactFolderPath(jobIdentifier, handler.srcFile);
}

async function attemptFetch(builder: FetchArtifactBuilder, context: TaskContext): Promise<FetchResult> {
  try {
    return await fetchOnce(builder, context);
  } catch (error) {
    return { kind: 'failed', message: describeError(error) };
  }
}

async function fetchOnce(builder: FetchArtifactBuilder, context: TaskContext): Promise<FetchResult> {
  const { handler, jobIdentifier } = builder;
  const { home } = context.assignment.agent;
  const { checksums, isOurs } = await fetchChecksums(builder, context);
  const verifier = checksumVerifier(checksums, context.console);
  if (handler.type === 'FileHandler') {
    const target = resolve(home, handler.artifact.path);
    const result = await fetchFile({ jobIdentifier, srcFile: handler.srcFile, target, verifier, context });
    return report(result, handler.artifact.path, verifier.verified(), context);
  }
  const target = resolve(home, handler.destOnAgent.path);
  const fetch = { jobIdentifier, srcFile: handler.srcFile, target, verifier, context };
  const result = await (isOurs ? fetchTree : fetchFolder)(fetch);
  return report(result, handler.destOnAgent.path, verifier.verified(), context);
}

function report(result: FetchResult, dest: string, verified: boolean, { console }: TaskContext): FetchResult {
  if (result.kind !== 'done') return result;
  if (!result.changed) console.line(ConsoleTag.taskOut, consoleText.notModified());
  else if (verified) console.line(ConsoleTag.taskOut, consoleText.savedVerified(dest));
  else console.line(ConsoleTag.taskError, consoleText.savedUnverified(dest));
  return result;
}

/** GoCD's list, whose answer tells whose server it is, and of ours the stronger one. */
async function fetchChecksums(
  { jobIdentifier }: FetchArtifactBuilder,
  context: TaskContext,
): Promise<{ readonly checksums: Checksums; readonly isOurs: boolean }> {
  const first = await list(checksumFilePath(jobIdentifier), context);
  const isOurs = first.isOurs;
  const second = isOurs ? await list(artifactFilePath(jobIdentifier, SHA256_CHECKSUM), context) : undefined;
  const sha256 = parseSha256Lines(second?.bytes?.toString() ?? '');
  if (first.bytes === undefined && sha256.size === 0) {
    context.console.line(ConsoleTag.taskError, consoleText.checksumFileMissing());
  }
  return { isOurs, checksums: { md5: first.bytes && parseChecksumFile(first.bytes), sha256 } };
}

async function list(path: string, context: TaskContext) {
  const answer = await new Patience(context).ask(() => requestReady(context, path));
  const bytes = await readAll(answer.body);
  if (answer.status !== 200 && answer.status !== 404) {
    throw new Error(`the server answered ${answer.status} for the checksum file`);
  }
  return {
    bytes: answer.status === 200 ? bytes : undefined,
    isOurs: answer.header(HeaderName.goAgentServer) === '1',
  };
}
