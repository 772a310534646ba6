import type { Logger } from '@go-agent/runtime';
import { AppError, type Clock, describeError } from '@go-agent/runtime/core';
import type { AgentSelf } from './agent-self.ts';
import type { FoundRegistration } from './identity/auto-register.ts';
import type { IdentityFiles } from './identity/identity-files.ts';
import type { AgentServer } from './server/agent-server.ts';
import type { HttpClient } from './server/http-client.ts';
import type { RegistrationClient } from './server/registration-client.ts';
import { classifyError, type ServerErrorCode } from './server/server-error.ts';

export type SessionOutcome =
  | { readonly kind: 'ready' }
  /** Not approved yet, or rejected: worth asking again after the registration's own pause. */
  | { readonly kind: 'not-registered' };

export interface SessionOptions {
  readonly self: AgentSelf;
  readonly files: IdentityFiles;
  readonly autoRegister: { read(): Promise<FoundRegistration>; scrub(): Promise<void> };
  readonly client: RegistrationClient;
  readonly http: HttpClient;
  readonly server: AgentServer;
  readonly clock: Clock;
  readonly log: Logger;
}

// Two agents with one guid take the cookie from each other; they shall do it slowly.
const COOKIE_PAUSE_MS = 30_000;

/**
 * What it takes until the server accepts calls: a token, a registration, a cookie. A token alone proves nothing: the server may
 * have forgotten the agent, or still await approval. Only an accepted call does; until then, and after each 403, the agent
 * registers with the token that it has (reference 2.6 tells how the stock agent gets stuck).
 */
export class Session {
  readonly #options: SessionOptions;
  /** Hear of what the last attempt came to, so that an operator hears of it without asking. */
  readonly observers = new Set<() => void>();
  #token: string | undefined;
  #registered = true;
  #cookieAt = -Infinity;
  #running: Promise<SessionOutcome> | undefined;
  #pending = false;
  #outages = 0;
  #problem: string | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get token(): string | undefined {
    return this.#token;
  }

  /** The server has heard of this agent, and leaves it to a person to accept it. */
  get pending(): boolean {
    return this.#pending && !this.ready;
  }

  /** What the last attempt failed by; undefined if it did not, or there was none yet. */
  get problem(): string | undefined {
    return this.ready ? undefined : this.#problem;
  }

  get ready(): boolean {
    return this.#registered && this.#token !== undefined && this.#options.self.cookie !== undefined;
  }

  /** One attempt at what is missing. Calls at the same time share one. */
  establish(signal: AbortSignal): Promise<SessionOutcome> {
    if (this.ready) return Promise.resolve({ kind: 'ready' });
    this.#running ??= this.#establish(signal).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** How often a call has found the server away: what it knew before, it may have lost with its machine. */
  get outages(): number {
    return this.#outages;
  }

  /** Tells the session how a call failed, so that the next {@link establish} mends it. */
  noteFailure(error: unknown): ServerErrorCode | undefined {
    this.#note(describeError(error));
    const code = classifyError(error);
    if (code === 'server-unreachable' || code === 'server-unavailable') this.#outages += 1;
    if (code === 'server-forbidden') this.#registered = false;
    const { self, clock } = this.#options;
    if (code === 'server-cookie' && clock.monotonic() - this.#cookieAt >= COOKIE_PAUSE_MS)
      self.cookie = undefined;
    return code;
  }

  /** The server has said, in other words than 403, that it does not know this agent. */
  forgetRegistration(): void {
    this.#registered = false;
    this.#note('it does not know this agent');
  }

  #note(problem: string | undefined): void {
    this.#problem = problem;
    for (const observer of this.observers) observer();
  }

  async #establish(signal: AbortSignal): Promise<SessionOutcome> {
    const { files, self, server, clock, log } = this.#options;
    this.#token ??= await files.token();
    if (this.#token === undefined || !this.#registered) {
      if (!(await this.#register(signal))) return { kind: 'not-registered' };
      this.#registered = true;
    }
    if (self.cookie === undefined) {
      try {
        self.cookie = await server.getCookie(signal);
      } catch (error) {
        if (classifyError(error) !== 'server-forbidden') throw error;
        log.info('The server does not know this agent (yet); it registers with the token that it has');
        this.#registered = false;
        if (!(await this.#register(signal))) return { kind: 'not-registered' };
        this.#registered = true;
        self.cookie = await server.getCookie(signal);
      }
      this.#cookieAt = clock.monotonic();
      self.pingDue.ring();
      log.info('The server has accepted this agent');
    }
    return { kind: 'ready' };
  }

  async #register(signal: AbortSignal): Promise<boolean> {
    const { client, self, autoRegister, http, log } = this.#options;
    const auto = await autoRegister.read();
    const { problem } = auto;
    if (problem !== undefined && auto.key === '') {
      // Whom the server may know already, it may take without a key.
      if (this.#token === undefined)
        throw new AppError('agent-settings', `A new agent needs its key, and ${problem}`, {
          retryable: true,
        });
      log.warn(`The agent registers without a key: ${problem}`);
    }
    const token = this.#token ?? (await this.#newToken(signal));
    const { identifier, location, operatingSystemName } = self.profile;
    const answer = await client.register(
      {
        hostname: identifier.hostName,
        uuid: identifier.uuid,
        location,
        usablespace: String(self.usableSpace),
        operatingSystem: operatingSystemName,
        agentAutoRegisterKey: auto.key,
        agentAutoRegisterResources: auto.resources,
        agentAutoRegisterEnvironments: auto.environments,
        agentAutoRegisterHostname: auto.hostname,
        elasticAgentId: auto.elasticAgentId,
        elasticPluginId: auto.elasticPluginId,
        token,
      },
      signal,
    );
    this.#pending = answer.kind === 'pending';
    this.#note(undefined);
    switch (answer.kind) {
      case 'registered':
        log.info('The agent is registered');
        http.forgetSession();
        // A server that had forgotten the agent does not know its cookie either.
        self.cookie = undefined;
        // The registration stands, whatever happens to the file.
        await autoRegister.scrub().catch((error: unknown) => {
          log.warn(`Could not remove the key from config/autoregister.properties: ${describeError(error)}`);
        });
        return true;
      case 'pending':
        log.info(`Agent ${identifier.uuid} awaits approval; enable it on the server's agents page`);
        return false;
      case 'bad-token':
        log.warn('The server does not accept the token of this agent; a new one is asked for');
        await this.#newToken(signal);
        return false;
      case 'rejected':
        this.#note(`it rejects the registration with ${answer.status}: ${answer.message}`);
        log.error(`The server rejects the registration with ${answer.status}: ${answer.message}`);
        return false;
    }
  }

  /** Gets a token and has it on disk before anything is done with it. The old one stays until there is a new one. */
  async #newToken(signal: AbortSignal): Promise<string> {
    const { client, files, self } = this.#options;
    const { uuid } = self.profile.identifier;
    const answer = await client.token(uuid, signal);
    if (answer.kind === 'issued-before') {
      throw new AppError(
        'agent-token-lost',
        `The server gave agent ${uuid} a token before and will not give another (${answer.message}). ` +
          'Delete the agent on the server, or remove config/guid.txt and config/token here to start as a new agent',
        { retryable: true },
      );
    }
    await files.saveToken(answer.token);
    this.#token = answer.token.trim();
    return this.#token;
  }
}
