/**
 * An upload is answered when it is unpacked, hashed and on the disk, and a fetch with a SHA-1 when the stored file has been read: minutes for
 * a hundred gigabytes. A stock agent waits without limit; this is for a server that took the request and lost it. That a machine
 * has vanished is noticed long before, for Node's agent probes an idle connection from its first second on.
 */
const LONGEST_MS = 30 * 60_000;

/** For how long the server may work on a job's request before it answers, beyond the usual patience. Milliseconds. */
export function serverWorkMs(method: string, url: string): number {
  const readsWhole = method === 'GET' && new URLSearchParams(url.split('?')[1]).has('sha1');
  return method === 'POST' || method === 'PUT' || readsWhole ? LONGEST_MS : 0;
}
