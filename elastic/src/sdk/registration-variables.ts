import type { AgentOrder } from './provider.ts';

/**
 * The environment from which an agent in a container learns who it is: GoCD's names, so that GoCD's own agent images
 * work too, and go-agent's. Holds the registration key.
 * @param serverUrl instead of the server's own, where agents reach it in another way
 */
export function registrationVariables(
  order: Pick<AgentOrder<unknown>, 'serverUrl' | 'registration'>,
  serverUrl: string = order.serverUrl,
): Record<string, string> {
  return { ...order.registration.variables, GO_EA_SERVER_URL: serverUrl, GO_SERVER_URL: serverUrl };
}
