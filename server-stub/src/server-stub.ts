import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  type AgentInstruction,
  type BuildWork,
  type BundleName,
  CONSOLE_LOG,
  CONTEXT_PATH,
  HeaderName,
  type RegistrationFields,
} from '@go-agent/protocol';
import { type Clock, describeError, systemClock } from '@go-agent/runtime/core';
import { AgentRegistry } from './agent-registry.ts';
import { BundleEndpoints } from './bundle-endpoints.ts';
import { type FaultHandle, type FaultRule, FaultScript, faultAnswer } from './fault.ts';
import { FileEndpoints, type StubUpload } from './file-endpoints.ts';
import { Hold } from './hold.ts';
import { listenOnLoopback } from './listen-on-loopback.ts';
import { RemotingEndpoints, type StubReport } from './remoting-endpoints.ts';
import { type ReceivedOptions, RequestLog } from './request-log.ts';
import { sendAnswer } from './send-answer.ts';
import { emptyNotFound, type StubAnswer } from './stub-answer.ts';
import { readRequest, type StubRequest } from './stub-request.ts';

export interface ServerStubOptions {
  /** Behave as a stock GoCD server: none of the extensions. Default false. */
  readonly stock?: boolean;
  /** Default true: every registration is approved at once. False: pending until `approve`. */
  readonly autoApprove?: boolean;
  /** With `autoApprove` false: who brings this key is approved at once. */
  readonly autoRegisterKey?: string;
  /** For `Prefer: wait`, delays and slow bodies. */
  readonly clock?: Clock;
}

/** The agent side of a server, from a script. Nothing is kept beyond its life. */
export class ServerStub implements AsyncDisposable {
  readonly #stock: boolean;
  readonly #clock: Clock;
  readonly #log: RequestLog;
  readonly #faults = new FaultScript();
  readonly #hold: Hold;
  readonly #registry: AgentRegistry;
  readonly #bundles = new BundleEndpoints();
  readonly #remoting: RemotingEndpoints;
  readonly #files: FileEndpoints;
  readonly #ended = new AbortController();
  #server: Server;
  #port: number | undefined;
  #count = 0;

  constructor(options: ServerStubOptions) {
    const { stock = false, autoApprove = true, autoRegisterKey, clock = systemClock } = options;
    this.#stock = stock;
    this.#clock = clock;
    this.#log = new RequestLog(systemClock);
    this.#hold = new Hold(clock);
    this.#registry = new AgentRegistry({ autoApprove, autoRegisterKey });
    this.#remoting = new RemotingEndpoints(this.#registry, this.#hold, stock);
    this.#files = new FileEndpoints(stock);
    this.#server = this.#newServer();
  }

  /** Ends in `/go`. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}${CONTEXT_PATH}`;
  }

  /** All requests so far, also those that a fault hit. */
  get requests(): readonly StubRequest[] {
    return this.#log.requests;
  }

  /** The reports that were accepted, in order. */
  get reports(): readonly StubReport[] {
    return this.#remoting.reports;
  }

  /** Artifact uploads that were accepted, in order. */
  get uploads(): readonly StubUpload[] {
    return this.#files.uploads;
  }

  /** Registration forms with a valid token, in order. */
  get registrations(): readonly RegistrationFields[] {
    return this.#registry.registrations;
  }

  /** What is stored, by decoded path below `/go/remoting/files/`. A test may add files to be fetched. */
  get files(): Map<string, Buffer> {
    return this.#files.files;
  }

  /** Resolves to the first matching request, past or to come. */
  received(match: (request: StubRequest) => boolean, options?: ReceivedOptions): Promise<StubRequest> {
    return this.#log.received(match, options);
  }

  /** The console log of a job (`pipeline/1/stage/1/job`); without one, of all jobs in a row. */
  consoleLog(job = ''): string {
    const logs = [...this.files].filter(([path]) => path.startsWith(job) && path.endsWith(`/${CONSOLE_LOG}`));
    return logs.map(([, bytes]) => bytes.toString()).join('');
  }

  /** Null takes it back. Answers held get_work requests. */
  offer(name: BundleName, bundle: Buffer | null, claimedMd5?: string): void {
    this.#bundles.offer(name, bundle, claimedMd5);
    this.#hold.release();
  }

  /** The signed metadata to serve, by file name. A server without any serves none. */
  offerTrust(files: ReadonlyMap<string, Buffer>): void {
    this.#bundles.trust = files;
  }

  /** For the next agent that asks. */
  queueWork(work: BuildWork): void {
    this.#remoting.queueWork(work);
    this.#hold.changed();
  }

  /** For all pings until another one, or until an agent that was told is Idle again. */
  instruct(instruction: AgentInstruction): void {
    this.#remoting.instruct(instruction);
    this.#hold.changed();
  }

  /** `is_ignored` is true for this job from now on. */
  ignore(buildId: number): void {
    this.#remoting.ignored.add(buildId);
  }

  /** Registers an agent without a request; its token. */
  addAgent(uuid: string): string {
    return this.#registry.add(uuid);
  }

  /** Without a uuid: all that are pending. */
  approve(uuid?: string): void {
    this.#registry.approve(uuid);
  }

  /** As if the agent had been deleted: 403 from now on. */
  forget(uuid: string): void {
    this.#registry.forget(uuid);
  }

  /** As if another process with this uuid had asked for a cookie: 500 to the one that has the old one. */
  stealCookie(uuid: string): void {
    this.#registry.issueCookie(uuid);
  }

  fault(rule: FaultRule): FaultHandle {
    return this.#faults.add(rule);
  }

  /** The server is down: connections are cut and refused. What it knows is kept. */
  async goAway(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** Up again, at the same address. */
  async comeBack(): Promise<void> {
    this.#server = this.#newServer();
    this.#port = await listenOnLoopback(this.#server, this.#port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    if (this.#server.listening) await this.goAway();
  }

  #newServer(): Server {
    return createServer((message, response) => {
      this.#serve(message, response).catch((error: unknown) => {
        // The client has gone, or the stub has a bug, which the test shall see.
        if (message.complete && !response.headersSent) response.writeHead(599);
        response.end(describeError(error));
      });
    });
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const over = new AbortController();
    response.once('close', () => over.abort());
    const gone = AbortSignal.any([over.signal, this.#ended.signal]);
    const request = await readRequest(message, { number: ++this.#count, gone, clock: this.#clock });
    this.#log.add(request);
    const fault = this.#faults.next(request);
    switch (fault?.kind) {
      case 'hang':
        return;
      case 'drop':
        message.socket.destroy();
        return;
      case 'status':
        return sendAnswer(response, faultAnswer(fault), null, this.#clock, gone);
      case 'redirect':
        return sendAnswer(
          response,
          { status: 302, headers: { Location: fault.location } },
          null,
          this.#clock,
          gone,
        );
      case 'delay':
        if (!(await this.#clock.sleep(fault.ms, gone))) return;
        break;
      default:
    }
    const answer = await this.#answer(request);
    if (fault?.kind === 'dropAfter') message.socket.destroy();
    else await sendAnswer(response, answer, fault, this.#clock, gone);
  }

  async #answer(request: StubRequest): Promise<StubAnswer> {
    if (!request.endpoint.startsWith('/remoting/')) {
      return (
        this.#registry.answer(request) ??
        (this.#stock ? null : this.#bundles.answer(request)) ??
        emptyNotFound
      );
    }
    const answer: StubAnswer = this.#registry.isRegistered(request)
      ? ((await this.#remoting.answer(request)) ?? this.#files.answer(request) ?? emptyNotFound)
      : { status: 403 };
    if (this.#stock) return withSession(request, answer);
    return { ...answer, headers: { ...answer.headers, [HeaderName.goAgentServer]: '1' } };
  }
}

/** A stock server makes a session for whoever does not bring one (reference 3.3). */
function withSession({ headers }: StubRequest, answer: StubAnswer): StubAnswer {
  if (headers.cookie?.includes('JSESSIONID=')) return answer;
  const cookie = `JSESSIONID=node0${randomBytes(8).toString('hex')}; Path=${CONTEXT_PATH}; HttpOnly`;
  return { ...answer, headers: { ...answer.headers, 'Set-Cookie': cookie } };
}

/** Starts a stub on a free port of the loopback interface. */
export async function startServerStub(options: ServerStubOptions = {}): Promise<ServerStub> {
  const stub = new ServerStub(options);
  await stub.comeBack();
  return stub;
}
