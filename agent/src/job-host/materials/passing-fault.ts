// Which failures of a client (git, hg, svn) may be over when it tries once more. It tells by its words only; it is run with English ones.

/** No second attempt mends these, whatever else is said: a server hangs up too after it has refused somebody. */
const LASTING = anyOf(
  'authentication fail',
  'authentication error',
  'too many authentication failures',
  'authorization (?:failed|required)',
  'no more credentials',
  'could not read (?:username|password)',
  '(?:permission|access) denied',
  'host key verification failed',
  'certificate (?:problem|verif|subject)',
  'returned error: 4(?!08|29)\\d\\d',
  '(?<!host )not found',
  'does not exist',
  'does not appear to be a git repository',
  'couldn.t find remote ref',
  'not our ref',
  'unadvertised object',
  'no such revision',
  'unknown revision',
  // This machine.
  'no space left',
  'disk quota',
  'read-only file system',
  'unable to (?:write|create)',
  'is corrupt',
  'corrupt (?:loose|packed)',
  'inflate:',
  'bad object',
  'unresolved delta',
  'does not match index',
);

const PASSING = anyOf(
  '(?:returned error:|http|http error|http status) (?:408|429|5\\d\\d)\\b',
  'connection (?:was |to .* )?(?:reset|refused|timed out|closed|aborted|ended unexpectedly)',
  'software caused connection abort',
  'closed by (?:the )?remote host',
  'closed the connection',
  'couldn.t connect to server',
  'failed to connect to',
  'no route to host',
  'network is (?:unreachable|down)',
  'broken pipe',
  'timed out',
  'timeout was reached',
  'operation too slow',
  'could not resolve (?:host|proxy)',
  'temporary failure in name resolution',
  'name or service not known',
  'nodename nor servname provided',
  'early eof',
  'remote end hung up',
  'unexpected disconnect',
  'bytes of body are still expected',
  'transfer closed with',
  'empty reply from server',
  'was not closed cleanly',
  'expected flush after ref listing',
  'stream ended unexpectedly',
  'truncated http response',
  'connection was non-properly terminated',
  'error in the (?:pull|push) function',
  'gnutls recv error',
  'ssl_error_syscall',
  'unexpected eof while reading',
  'corrupted mac on input',
  'bad record mac',
);

/** @param said standard error of a client that failed, or the end of it */
export function isPassingFault(said: string): boolean {
  return PASSING.test(said) && !LASTING.test(said);
}

function anyOf(...patterns: string[]): RegExp {
  return new RegExp(patterns.join('|'), 'i');
}
