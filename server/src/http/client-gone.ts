import type { ServerResponse } from 'node:http';

/** The abort reason of a request whose client has left. */
class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

/**
 * Calls `act` once, when this answer is out or its connection has ended: at once if that is so already. Whoever waited for something
 * before it came here may be too late for the event.
 */
export function onceClosed(response: ServerResponse, act: () => void): void {
  if (response.closed) act();
  else response.once('close', act);
}

/** Aborted when the connection ends before the answer was given, or when the server stops. */
export function clientGone(response: ServerResponse, stopping: AbortSignal): AbortSignal {
  const gone = new AbortController();
  // The request's own `close` comes with the end of its body already; only the response's tells that the client left.
  onceClosed(response, () => {
    if (!response.writableFinished) gone.abort(new ClientGone('The client closed the connection'));
  });
  return AbortSignal.any([gone.signal, stopping]);
}
