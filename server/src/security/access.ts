import type { FastifyRequest } from 'fastify';
import { Halt } from '../http/halt.ts';
import type { AdminToken } from './admin-token.ts';
import { presentedToken } from './presented-token.ts';

/** Who did it, in records of what was done: there is one user, the bearer of the admin token. */
export const USER = 'admin';

const READS = new Set(['GET', 'HEAD']);
const REMEDY =
  'Send the admin token that the server printed at its first start as "Authorization: Bearer <token>"; ' +
  'a new one is made by: go-server token --reset';

/** Who may use the REST API and the files: everybody may read unless a login is required, only the administrator may write. */
export class Access {
  readonly #token: AdminToken;
  readonly #requireLogin: boolean;

  constructor(token: AdminToken, { requireLogin }: { readonly requireLogin: boolean }) {
    this.#token = token;
    this.#requireLogin = requireLogin;
  }

  /** @throws Halt 401 */
  async check(request: FastifyRequest): Promise<void> {
    const isRead = READS.has(request.method);
    if (isRead && !this.#requireLogin) return;
    const token = presentedToken(request.headers.authorization);
    if (token === undefined) throw unauthenticated('You are not authenticated!');
    if (!(await this.#token.matches(token))) throw unauthenticated('Invalid Personal Access Token.');
  }
}

function unauthenticated(message: string): Halt {
  return Halt.message(401, `${message} ${REMEDY}`);
}
