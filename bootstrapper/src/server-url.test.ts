import { expect, test } from 'vitest';
import { parseServerUrl } from './server-url.ts';

for (const [text, expected] of [
  ['https://gocd.example.com:8154/go', /^https:\/\/gocd\.example\.com:8154\/go$/],
  ['http://10.0.0.1:8153/go/', /^http:\/\/10\.0\.0\.1:8153\/go$/],
  ['http://example.com/ci/go', /^http:\/\/example\.com\/ci\/go$/],
  ['gocd.example.com/go', /not an absolute URL/],
  ['ftp://gocd.example.com/go', /http or https/],
  ['http://gocd.example.com', /must end with '\/go'/],
  ['http://gocd.example.com/gogo', /must end with '\/go'/],
  ['http://gocd.example.com/go?x=1', /query/],
  ['http://me:secret@gocd.example.com/go', /must not contain a user name or password/],
] as const) {
  test(`server URL ${text}`, () => {
    const result = parseServerUrl(text);
    expect(result.ok ? result.url : result.message).toMatch(expected);
  });
}

test('a password in a URL is not repeated in the message', () => {
  expect(JSON.stringify(parseServerUrl('http://me:secret@gocd.example.com/go'))).not.toContain('secret');
});
