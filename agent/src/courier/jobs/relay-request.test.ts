import { expect, test } from 'vitest';
import { sampleWork } from '../../journal/testing/sample-assignment.ts';
import { decideRelay } from './relay-request.ts';

const job = sampleWork(1).assignment.jobIdentifier;
const files = '/go/remoting/files';
const own = `${files}/up42/7/up42_stage/1/up42_job`;

test.each([
  ['GET', `${files}/other/1/s/1/j/a.txt?sha1=x`, '/remoting/files/other/1/s/1/j/a.txt?sha1=x'],
  [
    'POST',
    `${own}/pkg?attempt=1&buildId=1`,
    '/remoting/files/up42/7/up42_stage/1/up42_job/pkg?attempt=1&buildId=1',
  ],
  ['POST', `${own}/?attempt=1`, '/remoting/files/up42/7/up42_stage/1/up42_job/?attempt=1'],
  ['QUERY', `${files}/other/1/s/1/j/dir`, '/remoting/files/other/1/s/1/j/dir'],
  ['HEAD', `${own}/a?upload=x`, '/remoting/files/up42/7/up42_stage/1/up42_job/a?upload=x'],
  ['PUT', `${own}/a%20b`, '/remoting/files/up42/7/up42_stage/1/up42_job/a%20b'],
])('%s %s is forwarded', (method, url, path) => {
  expect(decideRelay(job, method, url)).toEqual({ kind: 'forward', path });
});

test.each([
  ['GET', '/go/remoting/api/agent/ping', 404],
  ['GET', '/go/admin/agent', 404],
  ['GET', 'http://elsewhere/go/remoting/files/a', 404],
  ['POST', `${files}/other/1/s/1/j/a`, 403],
  ['POST', `${files}/up42/7/up42_stage/1/up42_job2/a`, 403],
  ['POST', `${own}/../other/a`, 403],
  ['POST', `${own}/%2e%2e/other/a`, 403],
  ['POST', `${own}/..%2fother/a`, 403],
  ['POST', `${own}/..;/other/a`, 403],
  ['POST', `${own}/..%5cother/a`, 403],
  ['GET', `${files}//../api/agent/ping`, 403],
  ['GET', `${files}/%zz`, 403],
  ['DELETE', `${own}/a`, 405],
])('%s %s is refused with %i', (method, url, status) => {
  expect(decideRelay(job, method, url)).toMatchObject({ kind: 'refuse', status });
});
