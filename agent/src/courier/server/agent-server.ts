import {
  type AgentAction,
  type AgentInstruction,
  type AgentRequest,
  type AgentRuntimeInfo,
  agentActionPath,
  consoleLogPath,
  decodeCookieBody,
  decodeInstructionBody,
  decodeIsIgnoredBody,
  decodeWork,
  encodeAgentRequest,
  formatPreferWait,
  HeaderName,
  type JobIdentifier,
  type JobState,
  MediaType,
  parseCount,
  parseJson,
  type Work,
} from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime/core';
import type { HttpAnswer, HttpClient } from './http-client.ts';
import { answerError, classifyAnswer, REMEDY } from './server-error.ts';

type JobResult = 'Passed' | 'Failed' | 'Cancelled';
type TextAnswer = HttpAnswer & { readonly text: string };

export interface WorkAnswer extends Held {
  readonly work: Work;
}

export interface Held {
  /** True if the server holds answers until there is something to say: the next request may follow at once. */
  readonly held: boolean;
}

export interface PingAnswer extends Held {
  readonly instruction: AgentInstruction;
  /** The server's clock when it answered, in ms since the epoch, to the second. */
  readonly serverNow?: number;
}

export type ConsoleAnswer =
  /** `offset`: what the server has now, in bytes; absent from a stock server, which appends whatever comes. */
  | { readonly kind: 'accepted'; readonly offset?: number }
  /** The server has another number of bytes than was claimed. */
  | { readonly kind: 'gap'; readonly offset: number };

export interface AgentServerOptions {
  readonly http: HttpClient;
  readonly uuid: string;
  readonly token: () => string | undefined;
  readonly runtimeInfo: () => AgentRuntimeInfo;
}

/**
 * The agent's calls to its server (reference 4 and 5.1), each one attempt. All of them
 * @throws AppError with one of the codes in server-error.ts; the signal's reason when that is aborted
 */
export class AgentServer {
  readonly #options: AgentServerOptions;

  constructor(options: AgentServerOptions) {
    this.#options = options;
  }

  /** Lets the server hold the answer for `waitMs` while there is no instruction. */
  async ping(waitMs: number, signal: AbortSignal): Promise<PingAnswer> {
    const answer = await this.#call('ping', { type: 'PingRequest', ...this.#self() }, signal, waitMs);
    const instruction = decoded('ping', () => decodeInstructionBody(answer.text));
    const serverNow = Date.parse(answer.header('date') ?? '');
    return { instruction, held: isHeld(answer), ...(Number.isNaN(serverNow) ? {} : { serverNow }) };
  }

  /** Lets the server hold the answer for `waitMs` while there is no work. */
  async getWork(waitMs: number, signal: AbortSignal): Promise<WorkAnswer> {
    const answer = await this.#call('get_work', { type: 'GetWorkRequest', ...this.#self() }, signal, waitMs);
    return { work: decoded('get_work', () => parseJson(answer.text, decodeWork)), held: isHeld(answer) };
  }

  async getCookie(signal: AbortSignal): Promise<string> {
    const answer = await this.#call('get_cookie', { type: 'GetCookieRequest', ...this.#self() }, signal);
    return decoded('get_cookie', () => decodeCookieBody(answer.text));
  }

  async isIgnored(jobIdentifier: JobIdentifier, signal: AbortSignal): Promise<boolean> {
    const request: AgentRequest = { type: 'IsIgnoredRequest', ...this.#self(), jobIdentifier };
    const answer = await this.#call('is_ignored', request, signal);
    return decoded('is_ignored', () => decodeIsIgnoredBody(answer.text));
  }

  async reportStatus(jobIdentifier: JobIdentifier, jobState: JobState, signal: AbortSignal): Promise<void> {
    const type = 'ReportCurrentStatusRequest';
    await this.#call('report_current_status', { type, ...this.#self(), jobIdentifier, jobState }, signal);
  }

  async reportResult(
    action: 'report_completing' | 'report_completed',
    jobIdentifier: JobIdentifier,
    jobResult: JobResult,
    signal: AbortSignal,
  ): Promise<void> {
    const type = 'ReportCompleteStatusRequest';
    await this.#call(action, { type, ...this.#self(), jobIdentifier, jobResult }, signal);
  }

  /** @param offset bytes of the console log before `body` */
  async putConsole(
    job: JobIdentifier,
    offset: number,
    body: Uint8Array,
    charset: string,
    signal: AbortSignal,
  ): Promise<ConsoleAnswer> {
    const answer = await this.#options.http.sendForText({
      method: 'PUT',
      path: consoleLogPath(job),
      headers: {
        ...this.credentials(),
        'content-type': `text/plain; charset=${charset}`,
        [HeaderName.artifactSize]: String(body.byteLength),
        [HeaderName.uploadOffset]: String(offset),
      },
      body,
      signal,
    });
    const known = parseCount(answer.header(HeaderName.uploadOffset));
    if (answer.status === 409 && known !== undefined) return { kind: 'gap', offset: known };
    refuse('the console', answer);
    return { kind: 'accepted', ...(known === undefined ? {} : { offset: known }) };
  }

  /** The headers by which the server knows this agent (reference 3.1). */
  credentials(): Readonly<Record<string, string>> {
    const { uuid, token } = this.#options;
    return { [HeaderName.agentGuid]: uuid, [HeaderName.authorization]: token() ?? '' };
  }

  #self(): { readonly agentRuntimeInfo: AgentRuntimeInfo } {
    return { agentRuntimeInfo: this.#options.runtimeInfo() };
  }

  async #call(action: AgentAction, body: AgentRequest, signal: AbortSignal, waitMs = 0): Promise<TextAnswer> {
    const prefer = waitMs > 0 ? { [HeaderName.prefer]: formatPreferWait(waitMs / 1000) } : {};
    const answer = await this.#options.http.sendForText({
      method: 'POST',
      path: agentActionPath(action),
      headers: {
        accept: MediaType.accept,
        'content-type': MediaType.request,
        ...this.credentials(),
        ...prefer,
      },
      body: encodeAgentRequest(body),
      heldMs: waitMs,
      signal,
    });
    refuse(action, answer);
    return answer;
  }
}

function refuse(what: string, answer: TextAnswer): void {
  const { status, text } = answer;
  const code = classifyAnswer(status, text, answer.header(HeaderName.goAgentServer) === '1');
  if (code !== undefined) throw answerError(code, what, status, text);
}

function decoded<T>(what: string, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    const remedy = REMEDY['server-answer'];
    throw new AppError('server-answer', `Cannot read the answer to ${what}. ${remedy}`, {
      cause,
      retryable: true,
    });
  }
}

function isHeld(answer: HttpAnswer): boolean {
  return answer.header(HeaderName.preferenceApplied)?.includes('wait') ?? false;
}
