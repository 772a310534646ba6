import { expect, test } from 'vitest';
import { isPassingFault } from './passing-fault.ts';

const HUNG_UP = 'fatal: the remote end hung up unexpectedly';
const NO_RIGHTS =
  'fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.';

test.each([
  // git over HTTP
  `error: RPC failed; curl 56 Recv failure: Connection reset by peer\nfatal: early EOF`,
  `error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502\n${HUNG_UP}`,
  'error: RPC failed; curl 92 HTTP/2 stream 5 was not closed cleanly: INTERNAL_ERROR (err 2)\nfatal: early EOF',
  'error: RPC failed; curl 18 transfer closed with outstanding read data remaining',
  'error: 5713 bytes of body are still expected\nfetch-pack: unexpected disconnect while reading sideband packet',
  "fatal: unable to access 'https://git.example.com/r.git/': Could not resolve host: git.example.com",
  "fatal: unable to access 'https://git.example.com/certificate-problem/': Failed to connect to git.example.com port 443 after 3 ms: Couldn't connect to server",
  "fatal: unable to access 'https://git.example.com/r.git/': The requested URL returned error: 503",
  "fatal: unable to access 'https://git.example.com/r.git/': The requested URL returned error: 429",
  "fatal: unable to access 'https://git.example.com/r.git/': GnuTLS recv error (-110): The TLS connection was non-properly terminated.",
  "fatal: unable to access 'https://git.example.com/r.git/': OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to git.example.com:443",
  "fatal: unable to access 'https://git.example.com/r.git/': Empty reply from server",
  // git over ssh, and its own protocol
  `ssh: connect to host git.example.com port 22: Connection refused\n${NO_RIGHTS}`,
  `ssh: Could not resolve hostname git.example.com: Temporary failure in name resolution\n${NO_RIGHTS}`,
  `kex_exchange_identification: Connection closed by remote host\nConnection closed by 192.0.2.1 port 22\n${NO_RIGHTS}`,
  `Connection to git.example.com closed by remote host.\n${HUNG_UP}\nfatal: early EOF\nfatal: index-pack failed`,
  `Corrupted MAC on input.\nssh_dispatch_run_fatal: message authentication code incorrect\n${NO_RIGHTS}`,
  'fatal: unable to connect to git.example.com:\ngit.example.com[0: 192.0.2.1]: errno=No route to host',
  'fatal: read error: Connection reset by peer',
  'fetch-pack: unexpected disconnect while reading sideband packet\nfatal: protocol error: bad pack header',
  // Mercurial
  'abort: error: Connection reset by peer',
  'abort: error: Name or service not known',
  'abort: HTTP Error 503: Service Unavailable',
  'abort: stream ended unexpectedly (got 0 bytes, expected 4)',
  // Subversion
  "svn: E170013: Unable to connect to a repository at URL 'http://svn.example.com/r'\nsvn: E000111: Error running context: Connection refused",
  "svn: E175002: Unexpected HTTP status 503 'Service Unavailable' on '/r'",
  'svn: E120106: ra_serf: The server sent a truncated HTTP response body.',
  'svn: E120108: Error running context: The server unexpectedly closed the connection.',
  'svn: E210002: Network connection closed unexpectedly',
])('tries again after: %s', (said) => {
  expect(isPassingFault(said)).toBe(true);
});

test.each([
  '',
  "fatal: Authentication failed for 'https://git.example.com/r.git/'",
  "fatal: could not read Username for 'https://git.example.com': terminal prompts disabled",
  "remote: Repository not found.\nfatal: repository 'https://git.example.com/r.git/' not found",
  "fatal: unable to access 'https://git.example.com/r.git/': The requested URL returned error: 403",
  "fatal: unable to access 'https://git.example.com/r.git/': SSL certificate problem: self-signed certificate",
  `git@git.example.com: Permission denied (publickey).\n${NO_RIGHTS}\n${HUNG_UP}`,
  `Received disconnect from 192.0.2.1 port 22:2: Too many authentication failures\nConnection closed by 192.0.2.1\n${NO_RIGHTS}`,
  `Host key verification failed.\n${NO_RIGHTS}`,
  `bash: git-upload-pack: command not found\n${HUNG_UP}`,
  "fatal: couldn't find remote ref refs/pull/7/head",
  'warning: Could not find remote branch none to clone.\nfatal: Remote branch none not found in upstream origin',
  `fatal: git upload-pack: not our ref 0123456789012345678901234567890123456789\n${HUNG_UP}`,
  'error: Server does not allow request for unadvertised object 0123456789012345678901234567890123456789',
  "fatal: '/srv/r' does not appear to be a git repository\n" + NO_RIGHTS,
  'fatal: remote error: access denied or repository not exported: /r',
  'fatal: write error: No space left on device\nfatal: early EOF\nfatal: fetch-pack: invalid index-pack output',
  'error: inflate: data stream error (incorrect header check)\nfatal: loose object 1234 (stored in objects/12/34) is corrupt\nfatal: the remote end hung up unexpectedly',
  'fatal: pack has 3 unresolved deltas\nfatal: fetch-pack: invalid index-pack output',
  'abort: authorization failed',
  'abort: repository https://hg.example.com/r not found',
  "abort: unknown revision '0123456789'",
  "svn: E170013: Unable to connect to a repository at URL 'https://svn.example.com/r'\nsvn: E215004: No more credentials or we tried too many times.\nAuthentication failed",
  "svn: E170000: URL 'http://svn.example.com/r/x' doesn't exist",
  'svn: E160006: No such revision 77',
])('leaves it at one attempt after: %s', (said) => {
  expect(isPassingFault(said)).toBe(false);
});
