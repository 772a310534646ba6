import { AppError } from '@go-agent/runtime/core';
import { expect, test } from 'vitest';
import { classifyAnswer, classifyError } from './server-error.ts';

test.each([
  [200, '', undefined],
  [201, '', undefined],
  [302, '', 'server-failed'],
  [400, '{"error":"Payload data is not valid JSON: x"}', 'server-refused'],
  [401, '', 'server-forbidden'],
  [403, '', 'server-forbidden'],
  [404, 'Job p/1/s/1/j not found.', 'server-refused'],
  [404, '<html>default backend</html>', 'server-failed'],
  [413, '', 'server-too-large'],
  [429, '', 'server-unavailable'],
  [500, '{"error":"AgentUUID has changed in the middle of a job. AgentUUID:x"}', 'server-superseded'],
  [500, '{"error":"Agent [h, i, u, c] has invalid cookie; nested"}', 'server-cookie'],
  [500, '{"error":"Agent [h, i, u, null] has no cookie set; nested"}', 'server-cookie'],
  [500, '{"error":"Agent [x] is not registered."}', 'server-failed'],
  [503, '{"message":"GoCD server is starting"}', 'server-unavailable'],
] as const)('the answer %i %s is %s', (status, body, code) => {
  expect(classifyAnswer(status, body)).toBe(code);
});

test('what a server of ours refuses is refused, whatever it says', () => {
  expect(classifyAnswer(404, '', true)).toBe('server-refused');
});

test('only errors of the server are classified', () => {
  expect(classifyError(new AppError('server-cookie', ''))).toBe('server-cookie');
  expect(classifyError(new AppError('agent-locked', ''))).toBeUndefined();
  expect(classifyError(new Error('server-cookie'))).toBeUndefined();
});
