import type { ServerResponse } from 'node:http';

/** The abort reason of a request whose client has left. */
class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

/** Aborted when the connection ends before the answer was given, or when the server stops. */
export function clientGone(response: ServerResponse, stopping: AbortSignal): AbortSignal {
  const gone = new AbortController();
  // The request's own `close` comes with the end of its body already; only the response's tells that the client left.
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(new ClientGone('The client closed the connection'));
  });
  return AbortSignal.any([gone.signal, stopping]);
}
