import {
  AGENT_ACTIONS,
  type AgentAction,
  type AgentInstruction,
  type AgentRequest,
  agentActionPath,
  type BuildWork,
  DecodeError,
  decodeGetCookieRequest,
  decodeGetWorkRequest,
  decodeIsIgnoredRequest,
  decodePingRequest,
  decodeReportCompleteStatusRequest,
  decodeReportCurrentStatusRequest,
  encodeCookieBody,
  encodeInstructionBody,
  encodeIsIgnoredBody,
  encodeWork,
  formatPreferWait,
  HeaderName,
  MediaType,
  parseJson,
  parsePreferWait,
  type ReportCompleteStatusRequest,
  type ReportCurrentStatusRequest,
  type Work,
} from '@go-agent/protocol';
import type { AgentRegistry } from './agent-registry.ts';
import type { Hold } from './hold.ts';
import type { StubAnswer } from './stub-answer.ts';
import type { StubRequest } from './stub-request.ts';

export type StubReport =
  | { readonly action: 'report_current_status'; readonly request: ReportCurrentStatusRequest }
  | {
      readonly action: 'report_completing' | 'report_completed';
      readonly request: ReportCompleteStatusRequest;
    };

const DECODERS: Readonly<Record<AgentAction, (value: unknown) => AgentRequest>> = {
  ping: decodePingRequest,
  get_work: decodeGetWorkRequest,
  get_cookie: decodeGetCookieRequest,
  is_ignored: decodeIsIgnoredRequest,
  report_current_status: decodeReportCurrentStatusRequest,
  report_completing: decodeReportCompleteStatusRequest,
  report_completed: decodeReportCompleteStatusRequest,
};

/** The seven calls (reference 4). */
export class RemotingEndpoints {
  readonly reports: StubReport[] = [];
  /** Build ids of jobs that the server wants nothing to do with any more. */
  readonly ignored = new Set<number>();
  readonly #registry: AgentRegistry;
  readonly #hold: Hold;
  readonly #stock: boolean;
  readonly #queue: BuildWork[] = [];
  /** What a stock server has assigned after an agent's last call, for its next one (reference 4.7). */
  readonly #parked = new Map<string, BuildWork>();
  #instruction: AgentInstruction = 'NONE';
  #instructed = false;

  constructor(registry: AgentRegistry, hold: Hold, stock: boolean) {
    this.#registry = registry;
    this.#hold = hold;
    this.#stock = stock;
  }

  queueWork(work: BuildWork): void {
    this.#queue.push(work);
  }

  instruct(instruction: AgentInstruction): void {
    this.#instruction = instruction;
    this.#instructed = false;
  }

  async answer(request: StubRequest): Promise<StubAnswer | null> {
    const action = AGENT_ACTIONS.find((action) => agentActionPath(action) === request.endpoint);
    if (!action || request.method !== 'POST') return null;
    const refused = refuse(request);
    if (refused) return refused;
    try {
      const decoded = parseJson(request.body.toString(), DECODERS[action]);
      return this.#badSender(action, request, decoded) ?? (await this.#act(action, request, decoded));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return jsonAnswer(400, { error: `Payload data is not valid JSON: ${error.message}` });
    }
  }

  #badSender(
    action: AgentAction,
    { agentUuid }: StubRequest,
    { agentRuntimeInfo }: AgentRequest,
  ): StubAnswer | null {
    const { uuid, hostName, ipAddress } = agentRuntimeInfo.identifier;
    if (uuid !== agentUuid) {
      const message = `Agent with uuid: '${agentUuid}' is attempting a request for agent: '${uuid}'.`;
      return jsonAnswer(403, { message });
    }
    if (action !== 'ping' && !action.startsWith('report_')) return null;
    const { cookie } = agentRuntimeInfo;
    const fault = this.#registry.cookieFault(uuid, cookie);
    if (!fault) return null;
    const error = `Agent [${hostName}, ${ipAddress}, ${uuid}, ${cookie ?? 'null'}] has ${fault}`;
    return jsonAnswer(500, {
      error: `${error}; nested exception is com.thoughtworks.go.server.service.Exception: ${error}`,
    });
  }

  async #act(action: AgentAction, request: StubRequest, decoded: AgentRequest): Promise<StubAnswer> {
    const { uuid } = decoded.agentRuntimeInfo.identifier;
    switch (decoded.type) {
      case 'GetCookieRequest':
        return ok(encodeCookieBody(this.#registry.issueCookie(uuid)));
      case 'IsIgnoredRequest':
        return ok(encodeIsIgnoredBody(this.ignored.has(decoded.jobIdentifier.buildId)));
      case 'ReportCurrentStatusRequest':
        this.reports.push({ action: 'report_current_status', request: decoded });
        return ok('');
      case 'ReportCompleteStatusRequest':
        if (action === 'report_completing' || action === 'report_completed') {
          this.reports.push({ action, request: decoded });
        }
        return ok('');
      case 'PingRequest': {
        if (decoded.agentRuntimeInfo.runtimeStatus === 'Idle' && this.#instructed) this.instruct('NONE');
        const held = await this.#held(request, () => this.#instruction !== 'NONE');
        this.#instructed = true;
        return ok(encodeInstructionBody(this.#instruction), held);
      }
      case 'GetWorkRequest': {
        const held = await this.#held(request, () => this.#queue.length > 0);
        const work = request.gone.aborted ? { type: 'NoWork' as const } : this.#nextWork(uuid);
        return ok(encodeWork(work), held);
      }
    }
  }

  #nextWork(uuid: string): Work {
    const next = this.#stock ? this.#parked.get(uuid) : this.#queue.shift();
    if (this.#stock) {
      this.#parked.delete(uuid);
      const assigned = next ? undefined : this.#queue.shift();
      if (assigned) this.#parked.set(uuid, assigned);
    }
    return next ?? { type: 'NoWork' };
  }

  /** Waits as long as the request prefers; the header of the answer. */
  async #held({ headers, gone }: StubRequest, isReady: () => boolean): Promise<Record<string, string>> {
    const { prefer } = headers;
    const seconds = parsePreferWait(typeof prefer === 'string' ? prefer : undefined);
    if (this.#stock || seconds === undefined) return {};
    await this.#hold.until(isReady, seconds * 1000, gone);
    return { [HeaderName.preferenceApplied]: formatPreferWait(seconds) };
  }
}

function refuse({ headers, body }: StubRequest): StubAnswer | null {
  if (body.length === 0 && headers[HeaderName.confirm.toLowerCase()] !== 'true') {
    return jsonAnswer(400, { message: "Missing required header 'X-GoCD-Confirm' with value 'true'" });
  }
  if (/^application\/json\b/i.test(headers['content-type'] ?? '')) return null;
  return jsonAnswer(415, { message: "You must specify a 'Content-Type' of 'application/json'" });
}

function ok(body: string, headers: Record<string, string> = {}): StubAnswer {
  return { status: 200, headers: { 'Content-Type': MediaType.answer, ...headers }, body };
}

function jsonAnswer(status: number, body: Record<string, string>): StubAnswer {
  return { status, headers: { 'Content-Type': MediaType.answer }, body: JSON.stringify(body) };
}
