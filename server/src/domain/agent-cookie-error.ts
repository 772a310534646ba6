import { AppError } from '@go-agent/runtime/core';

/** Who was last accepted under a guid. */
export interface KnownAgent {
  readonly hostName: string;
  readonly ipAddress: string;
  readonly location: string;
  /** Epoch milliseconds, by the server's clock; absent if it was not heard of since the server started. */
  readonly lastHeardAt?: number;
}

/** `agent-cookie`: a call without the newest cookie. Whoever makes it has the agent's token, and may know who has the cookie. */
export class AgentCookieError extends AppError {
  readonly knownAs: KnownAgent;

  constructor(message: string, knownAs: KnownAgent) {
    super('agent-cookie', message);
    this.knownAs = knownAs;
  }
}
