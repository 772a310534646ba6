import { expect, test } from 'vitest';
import { p4ClientName, p4ClientSpec } from './p4-client-spec.ts';

test('names the client as GoCD does: machine, folder, hash of the path', () => {
  // The hash: SHA-1 in base64, less what a file system may not like.
  expect(p4ClientName('build-7', '/var/agent/pipelines/up42')).toMatch(
    /^cruise-build-7-up42-[0-9A-Za-z]{20,27}$/,
  );
  expect(p4ClientName('h', '/a')).not.toBe(p4ClientName('h', '/b'));
});

test('puts the client into the right side of each mapping, and nowhere else', () => {
  const view =
    '//depot/... //something/...\r\n  -//depot/x/... //something/x/...\n"//depot/a b/..." "//any/a b/..."\n\n';
  expect(p4ClientSpec('c1', '/srv/p', view)).toBe(
    [
      'Client: c1\n',
      'Root: /srv/p\n',
      'Options: clobber rmdir\n',
      'LineEnd: local\n',
      'View:\n\t//depot/... //c1/...\n\t-//depot/x/... //c1/x/...\n\t"//depot/a b/..." "//c1/a b/..."\n',
    ].join('\n'),
  );
});
