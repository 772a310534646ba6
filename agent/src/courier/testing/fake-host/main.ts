// A job host without tasks: it writes a journal as FakeJob says. Started in place of the real one by tests of the courier.

import { existsSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { openContainer, type ProcessContainer, processIdentity, systemClock } from '@go-agent/runtime/core';
import { readBootId } from '../../../journal/boot-id.ts';
import { decodeCourierMessage, decodeSpareMessage } from '../../../journal/decode-message.ts';
import { JOURNAL } from '../../../journal/format.ts';
import { readAssignment } from '../../../journal/job-folder.ts';
import { JournalWriter } from '../../../journal/journal-writer.ts';
import { jsonLine, readJsonLines } from '../../../journal/json-lines.ts';
import { type FakeJob, fakeJobOf } from '../fake-job.ts';

const cancelled = new AbortController();

async function main(): Promise<void> {
  const { value: message } = await readJsonLines(process.stdin).next();
  const folder = decodeSpareMessage(message)?.journal;
  if (folder === undefined) return;
  const { work } = readAssignment(folder);
  const job = fakeJobOf(work);
  if (job.dieOnceBeforeStart !== undefined && !existsSync(job.dieOnceBeforeStart)) {
    writeFileSync(job.dieOnceBeforeStart, '');
    return;
  }
  await using container = openContainer({ level: 'session' });
  const sockets = new Set<Socket>();
  await using writer = JournalWriter.begin(
    {
      folder,
      clock: systemClock,
      onProgress: (progress) => sockets.forEach((socket) => socket.write(jsonLine(progress))),
    },
    {
      type: 'started',
      host: processIdentity(process.pid) ?? { pid: process.pid, startTime: null },
      bootId: await readBootId(),
      containment: container.level,
      container: container.ref(),
    },
  );
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.write(jsonLine(writer.progress));
    void listen(socket);
  });
  server.listen(join(folder, JOURNAL.hostSocket));
  await writer.appendEvent({ type: 'preparing' });
  await writer.appendEvent({ type: 'building' });
  await print(writer, job);
  if (job.relay !== undefined) await writer.appendConsole(Buffer.from(await relay(folder, job.relay)));
  if (job.leaveChild === true) await leaveChild(container, folder);
  if (job.dieAfterLines === true) process.exit(3);
  while (job.untilFile !== undefined && !existsSync(job.untilFile) && !cancelled.signal.aborted) {
    await systemClock.sleep(20, cancelled.signal);
  }
  const result = cancelled.signal.aborted ? 'Cancelled' : 'Passed';
  await writer.appendEvent({ type: 'completing', result });
  const reason = cancelled.signal.aborted ? { reason: String(cancelled.signal.reason) } : {};
  await writer.appendEvent({ type: 'completed', result, ...reason });
}

async function print(writer: JournalWriter, { lines = 3, lineMs = 0 }: FakeJob): Promise<void> {
  for (let line = 1; line <= lines && !cancelled.signal.aborted; line += 1) {
    await writer.appendConsole(Buffer.from(`&1|12:00:00.000 line ${line}\n`));
    if (lineMs > 0) await systemClock.sleep(lineMs, cancelled.signal);
  }
}

async function leaveChild(container: ProcessContainer, folder: string): Promise<void> {
  const args = [
    '-e',
    `process.title = ${JSON.stringify(`left by ${folder}`)}; process.stdin.resume()`,
    folder,
  ];
  const stdio = ['pipe', 'ignore', 'ignore'] as const;
  await container.spawn({ command: process.execPath, args, cwd: folder, env: {}, stdio });
}

async function relay(
  folder: string,
  { method, path, body = '' }: NonNullable<FakeJob['relay']>,
): Promise<string> {
  const socketPath = join(folder, JOURNAL.relaySocket);
  const answer = new Promise<string>((resolve, reject) => {
    const sent = request({ socketPath, method, path, headers: { 'x-gocd-confirm': 'true' } }, (response) => {
      text(response).then((content) => resolve(`relay ${response.statusCode} ${content}\n`), reject);
    });
    sent.on('error', reject).end(body);
  });
  return answer;
}

async function listen(socket: Socket): Promise<void> {
  try {
    for await (const message of readJsonLines(socket)) {
      const reason = decodeCourierMessage(message)?.reason;
      if (reason !== undefined) cancelled.abort(reason);
    }
  } catch {
    socket.destroy();
  }
}

void main().then(() => process.exit(0));
