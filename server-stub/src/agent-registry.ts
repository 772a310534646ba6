import { randomUUID } from 'node:crypto';
import {
  AGENT_TOKEN_PATH,
  agentToken,
  DecodeError,
  decodeRegistrationFields,
  isAgentToken,
  REGISTRATION_PATH,
  type RegistrationFields,
} from '@go-agent/protocol';
import { type StubAnswer, textAnswer } from './stub-answer.ts';
import type { StubRequest } from './stub-request.ts';

const TOKEN_KEY = '8a1c2f0e-6d4b-4a57-9c1b-2f7f6a0d9b11';

export interface RegistryOptions {
  /** False: agents are pending until `approve`, unless they bring the key. */
  readonly autoApprove: boolean;
  readonly autoRegisterKey: string | undefined;
}

/** Who is registered, with which cookie (reference 2, 3.2, 3.4). */
export class AgentRegistry {
  readonly #options: RegistryOptions;
  readonly #agents = new Map<string, { approved: boolean; cookie?: string }>();
  /** The forms that passed the token check, in order. */
  readonly registrations: RegistrationFields[] = [];

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** Registers an agent without a request; its token. */
  add(uuid: string): string {
    this.#agents.set(uuid, { approved: true });
    return agentToken(TOKEN_KEY, uuid);
  }

  /** Without a uuid: all pending ones. */
  approve(uuid?: string): void {
    for (const [key, agent] of this.#agents) if (uuid === undefined || uuid === key) agent.approved = true;
  }

  /** As if it had been deleted from the server. */
  forget(uuid: string): void {
    this.#agents.delete(uuid);
  }

  /** Another process got a cookie for the same uuid. */
  issueCookie(uuid: string): string {
    const cookie = randomUUID();
    const agent = this.#agents.get(uuid);
    if (agent) agent.cookie = cookie;
    return cookie;
  }

  /** What is wrong with the cookie, as the server words it; null if nothing is. */
  cookieFault(uuid: string, cookie: string | undefined): 'no cookie set' | 'invalid cookie' | null {
    if (cookie === undefined || cookie === '') return 'no cookie set';
    const issued = this.#agents.get(uuid)?.cookie;
    return issued !== undefined && issued !== cookie ? 'invalid cookie' : null;
  }

  isRegistered({ agentUuid, headers }: StubRequest): boolean {
    const { authorization = '' } = headers;
    return (
      this.#agents.get(agentUuid)?.approved === true && isAgentToken(TOKEN_KEY, agentUuid, authorization)
    );
  }

  answer(request: StubRequest): StubAnswer | null {
    const { method, endpoint } = request;
    if (method === 'GET' && endpoint === AGENT_TOKEN_PATH) return this.#token(request.query.get('uuid'));
    if (method === 'POST' && endpoint === REGISTRATION_PATH) return this.#register(request.body.toString());
    return null;
  }

  #token(uuid: string | null): StubAnswer {
    if (uuid === null) return { status: 400 };
    if (uuid.trim() === '') return textAnswer(409, 'UUID cannot be blank.');
    if (this.#agents.has(uuid)) return textAnswer(409, 'A token has already been issued for this agent.');
    return textAnswer(200, agentToken(TOKEN_KEY, uuid));
  }

  #register(form: string): StubAnswer {
    let fields: RegistrationFields;
    try {
      fields = decodeRegistrationFields(form);
    } catch (error) {
      if (error instanceof DecodeError) return textAnswer(400, error.message);
      throw error;
    }
    if (!isAgentToken(TOKEN_KEY, fields.uuid, fields.token)) return textAnswer(403, 'Not a valid token.');
    this.registrations.push(fields);
    const { autoApprove, autoRegisterKey } = this.#options;
    const known = this.#agents.get(fields.uuid) ?? { approved: false };
    const hasKey = autoRegisterKey !== undefined && fields.agentAutoRegisterKey === autoRegisterKey;
    known.approved ||= autoApprove || hasKey;
    this.#agents.set(fields.uuid, known);
    return { status: known.approved ? 200 : 202, headers: { 'Content-Type': 'application/json' } };
  }
}
