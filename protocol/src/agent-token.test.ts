import { expect, test } from 'vitest';
import { agentToken, isAgentToken } from './agent-token.ts';

const key = '8a1c2f0e-6d4b-4a57-9c1b-2f7f6a0d9b11';
const uuid = '5e9f2b1c-0a53-4d0e-8f6f-0d3f3b1c2a77';
const token = '7jYDZvh4uk4wy5ThHO4S9ciHxLcsG9LOfkminduik1w=';

test('the token is the HMAC of the reference', () => {
  expect(agentToken(key, uuid)).toBe(token);
});

test('only the very token is accepted', () => {
  expect(isAgentToken(key, uuid, token)).toBe(true);
  for (const wrong of ['', 'x', `${token} `, token.replace('7', '8'), `Bearer ${token}`, 'é'.repeat(22)]) {
    expect(isAgentToken(key, uuid, wrong)).toBe(false);
  }
});
