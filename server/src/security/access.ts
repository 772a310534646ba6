import type { FastifyRequest } from 'fastify';
import { Halt } from '../http/halt.ts';
import { isToThisMachine } from '../http/local-request.ts';
import type { AdminToken } from './admin-token.ts';
import { presentedToken } from './presented-token.ts';

/** Who did it, in records of what was done: there is one user, the bearer of the admin token. */
export const USER = 'admin';

const READS = new Set(['GET', 'HEAD']);
const REMEDY =
  'Send the admin token that the server printed at its first start as "Authorization: Bearer <token>"; ' +
  'a new one is made by: go-server token --reset';
const FOREIGN_NAME =
  'Without a token this server is read only under a name of its own machine, such as http://localhost. ' +
  'Behind a proxy, start it with --require-login.';

/** Who may use the REST API and the files: everybody may read unless a login is required, only the administrator may write. */
export class Access {
  readonly #token: AdminToken;
  readonly #requireLogin: boolean;

  constructor(token: AdminToken, { requireLogin }: { readonly requireLogin: boolean }) {
    this.#token = token;
    this.#requireLogin = requireLogin;
  }

  /** @throws Halt 401; 403 for who reads under a name that is not this machine's, and shows no token */
  async check(request: FastifyRequest): Promise<void> {
    const { host, authorization } = request.headers;
    if (READS.has(request.method) && !this.#requireLogin) {
      if (isToThisMachine(host)) return;
      // No 401: a browser would ask for the token on behalf of whoever has that name.
      if (authorization === undefined) throw Halt.message(403, FOREIGN_NAME);
    }
    const token = presentedToken(authorization);
    if (token === undefined) throw unauthenticated('You are not authenticated!');
    if (!(await this.#token.matches(token))) throw unauthenticated('Invalid Personal Access Token.');
  }
}

function unauthenticated(message: string): Halt {
  return Halt.message(401, `${message} ${REMEDY}`);
}
