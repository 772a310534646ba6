import { text } from 'node:stream/consumers';
import { decodeManifestEntry, folderManifestPath, type ManifestEntry } from '@go-agent/protocol';
import type { Fetch } from './fetch-file.ts';
import { Patience } from './patience.ts';

export type Manifest =
  | { readonly kind: 'manifest'; readonly entries: readonly ManifestEntry[] }
  | { readonly kind: 'missing'; readonly said: string }
  | { readonly kind: 'failed'; readonly message: string };

/** What is in a folder of a job's artifacts. A path that would leave the folder is an error. */
export async function readManifest({ jobIdentifier, srcFile, context }: Fetch): Promise<Manifest> {
  const path = folderManifestPath(jobIdentifier, srcFile);
  const { relay, cancelled: signal } = context;
  const answer = await new Patience(context).ask(() => relay.request({ method: 'GET', path, signal }));
  const body = await text(answer.body);
  if (answer.status === 404) return { kind: 'missing', said: body.trim().slice(0, 300) };
  if (answer.status !== 200) return { kind: 'failed', message: `the server answered ${answer.status}` };
  const lines = body.split('\n').filter((line) => line !== '');
  const entries = lines
    .map((line) => decodeManifestEntry(JSON.parse(line)))
    .filter((entry) => entry !== undefined);
  const bad = entries.find((entry) => !isBelow(entry.path));
  if (bad)
    return {
      kind: 'failed',
      message: `the server named ${JSON.stringify(bad.path)}, which leaves the folder`,
    };
  return { kind: 'manifest', entries };
}

function isBelow(path: string): boolean {
  return !path.split('/').some((part) => part === '' || part === '.' || part === '..' || /[\\\0]/.test(part));
}
