import { createHmac, timingSafeEqual } from 'node:crypto';

/** Base64 of HMAC-SHA256 of the uuid under the server's key: always the same for an agent (reference 2.2). */
export function agentToken(tokenGenerationKey: string, uuid: string): string {
  return createHmac('sha256', tokenGenerationKey).update(uuid).digest('base64');
}

/** In constant time. */
export function isAgentToken(tokenGenerationKey: string, uuid: string, token: string): boolean {
  const expected = Buffer.from(agentToken(tokenGenerationKey, uuid));
  const given = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
