import type { ServerResponse } from 'node:http';
import { HeaderName } from '@go-agent/protocol';
import type { Clock } from '@go-agent/runtime/core';
import type { Fault } from './fault.ts';
import type { StubAnswer } from './stub-answer.ts';

const SLICE_MS = 20;

/** Sends an answer with what a fault does to it. Resolves when all is handed to the system or the client has gone. */
export async function sendAnswer(
  response: ServerResponse,
  answer: StubAnswer,
  fault: Fault | null,
  clock: Clock,
  gone: AbortSignal,
): Promise<void> {
  const body = Buffer.from(answer.body ?? '');
  const headers: Record<string, string> = { 'Content-Length': String(body.length), ...answer.headers };
  if (fault?.kind === 'wrongMd5') {
    headers[HeaderName.contentMd5] = 'f'.repeat(32);
    headers[HeaderName.reprDigest] = `sha-256=:${Buffer.alloc(32, 1).toString('base64')}:`;
  }
  if (fault?.kind === 'endlessBody') delete headers['Content-Length'];
  response.writeHead(answer.status, headers);
  if (fault?.kind === 'garbageBody') {
    response.end(body.map((byte) => byte ^ 0x5a));
  } else if (fault?.kind === 'truncatedBody') {
    await sendHalf(response, body);
  } else if (fault?.kind === 'endlessBody') {
    await sendForEver(response, gone);
  } else if (fault?.kind === 'slowBody') {
    await sendSlowly(response, body, fault.bytesPerSecond, clock, gone);
  } else {
    response.end(body);
  }
}

async function sendHalf(response: ServerResponse, body: Buffer): Promise<void> {
  // At least the head must arrive, or it would be another fault.
  response.flushHeaders();
  await new Promise((resolve) => response.write(body.subarray(0, Math.floor(body.length / 2)), resolve));
  response.destroy();
}

async function sendForEver(response: ServerResponse, gone: AbortSignal): Promise<void> {
  const piece = Buffer.alloc(64 * 1024, ' ');
  // A socket that is destroyed takes bytes without ever pausing.
  while (!gone.aborted && response.socket?.destroyed === false)
    await new Promise((resolve) => response.write(piece, resolve));
}

async function sendSlowly(
  response: ServerResponse,
  body: Buffer,
  bytesPerSecond: number,
  clock: Clock,
  gone: AbortSignal,
): Promise<void> {
  const slice = Math.max(1, Math.round((bytesPerSecond * SLICE_MS) / 1000));
  const pauseMs = (slice * 1000) / bytesPerSecond;
  response.flushHeaders();
  for (let sent = 0; sent < body.length; sent += slice) {
    response.write(body.subarray(sent, sent + slice));
    if (!(await clock.sleep(pauseMs, gone))) return;
  }
  response.end();
}
