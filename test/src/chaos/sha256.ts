import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { JobLocator } from '../harness/api-shapes.ts';
import type { TestSystem } from '../harness/test-system.ts';

/** SHA-256 of a file, in hex. */
export async function sha256OfFile(path: string): Promise<string> {
  return sha256(createReadStream(path));
}

/** SHA-256 of the console log that the server has of a job, in hex, as anybody gets it. */
export async function sha256OfConsole(system: TestSystem, job: JobLocator): Promise<string> {
  const path = system.file(job, 'cruise-output/console.log');
  const answer = await fetch(system.server.url + path, {
    headers: { authorization: `Bearer ${system.server.adminToken}` },
  });
  if (!answer.ok || answer.body === null) throw new Error(`${path}: status ${answer.status}`);
  return sha256(answer.body);
}

async function sha256(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(bytes, hash);
  return hash.digest('hex');
}
