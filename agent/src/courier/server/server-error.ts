import { AppError } from '@go-agent/runtime/core';

/**
 * What went wrong between agent and server, in the words in which the loops decide.
 * `server-unreachable`: no whole answer. `server-unavailable`: it says "later". `server-too-large`: it, or a proxy
 * before it, does not take as much at once, or its disk is full. `server-failed`: any other error, of its own or of a proxy.
 * `server-forbidden`: it does not know this agent or its token. `server-cookie`: another process has asked for a cookie after
 * this one. `server-superseded`: the job is another agent's now. `server-refused`: this request will never be accepted.
 * `server-answer`: a success that cannot be read.
 */
export const SERVER_ERROR_CODES = [
  'server-unreachable',
  'server-unavailable',
  'server-too-large',
  'server-failed',
  'server-forbidden',
  'server-cookie',
  'server-superseded',
  'server-refused',
  'server-answer',
] as const;
export type ServerErrorCode = (typeof SERVER_ERROR_CODES)[number];

/** How GoCD begins what it says when it refuses a request (reference 4.2, 5.1). */
const OF_GOCD = /^\s*(Job \S+ not found|Url .* contains forbidden|\{\s*"(error|message)")/;

/**
 * The one place where a status and a body become a decision. Undefined for a success. Between agent and server there may be a proxy
 * that does not find its way for a while: only a server's own word is a refusal.
 * @param isOurs the answer has the mark of a server of ours
 */
export function classifyAnswer(status: number, body: string, isOurs = false): ServerErrorCode | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status === 401 || status === 403) return 'server-forbidden';
  if (status === 413) return 'server-too-large';
  if ([408, 425, 429, 502, 503, 504].includes(status)) return 'server-unavailable';
  if (status < 500) return isOurs || OF_GOCD.test(body) ? 'server-refused' : 'server-failed';
  if (body.includes('AgentUUID has changed')) return 'server-superseded';
  if (/has (invalid cookie|no cookie set)/.test(body)) return 'server-cookie';
  return 'server-failed';
}

/** What an error is to the loops; undefined if it has nothing to do with the server. */
export function classifyError(error: unknown): ServerErrorCode | undefined {
  if (!(error instanceof AppError)) return undefined;
  return SERVER_ERROR_CODES.find((code) => code === error.code);
}

const BODY_SHOWN = 500;

/** @param what the call, such as `ping` */
export function answerError(code: ServerErrorCode, what: string, status: number, body: string): AppError {
  const shown = body.trim().replaceAll(/\s+/g, ' ').slice(0, BODY_SHOWN);
  const detail = shown === '' ? '' : `: ${shown}`;
  return new AppError(code, `The server answered ${what} with ${status}${detail}. ${REMEDY[code]}`, {
    retryable: code !== 'server-refused' && code !== 'server-superseded',
  });
}

export const REMEDY: Readonly<Record<ServerErrorCode, string>> = {
  'server-unreachable': 'Check that the server runs and can be reached from here',
  'server-unavailable':
    'It will be tried again; the server may be starting, under maintenance or out of disk space',
  'server-too-large':
    'It will be tried again with less; a proxy before the server limits the size of a request (nginx: client_max_body_size), or the disk of the server is full',
  'server-failed': 'It will be tried again; see the log of the server, and of a proxy before it',
  'server-forbidden':
    'The agent was deleted on the server, awaits approval there, or has a token of another server',
  'server-cookie':
    'Another agent with the same config/guid.txt has contacted the server; give each its own, with go-agent config new-guid',
  'server-superseded': 'The job was given to another agent',
  'server-refused': 'It will not be tried again',
  'server-answer': 'Check that the URL is that of a GoCD server and that no proxy answers in its place',
};
