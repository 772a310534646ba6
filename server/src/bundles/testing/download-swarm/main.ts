// `main.ts <url> <count> <md5>`: so many clients, each with connections of its own, that want a file at once and come back when
// they are told to. Prints what happened as JSON.

import { createHash } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';
import { systemClock } from '@go-agent/runtime';

const [url = '', count = '0', md5 = ''] = process.argv.slice(2);
const never = new AbortController().signal;
let [busy, cut] = [0, 0];

function ask(guid: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { 'X-Agent-GUID': guid }, agent: false }, resolve).on('error', reject);
  });
}

/** @returns seconds until it may come back; 0 if it has the file */
async function turn(guid: string): Promise<number> {
  const answer = await ask(guid);
  const hash = createHash('md5');
  for await (const chunk of answer) hash.update(chunk);
  if (answer.statusCode === 503) {
    busy += 1;
    return Number(answer.headers['retry-after']);
  }
  if (answer.statusCode !== 200 || hash.digest('hex') !== md5)
    throw new Error(`${guid}: ${answer.statusCode}`);
  return 0;
}

async function upgrade(guid: string): Promise<void> {
  for (;;) {
    const seconds = await turn(guid).catch((error: NodeJS.ErrnoException) => {
      if (error.code === undefined) throw error;
      cut += 1;
      return 1;
    });
    if (seconds === 0) return;
    await systemClock.sleep(seconds * 1000, never);
  }
}

const startedAt = performance.now();
await Promise.all(Array.from({ length: Number(count) }, (_, number) => upgrade(`agent-${number}`)));
process.stdout.write(JSON.stringify({ busy, cut, ms: Math.round(performance.now() - startedAt) }));
