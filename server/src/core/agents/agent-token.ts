import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '@go-agent/runtime/core';

/** base64(HMAC-SHA256(key, uuid)), as GoCD makes it (reference: agent-protocol 2.2). */
export function agentToken(key: Secret, uuid: string): string {
  return createHmac('sha256', key.reveal()).update(uuid).digest('base64');
}

/** In constant time. */
export function isSameSecret(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
