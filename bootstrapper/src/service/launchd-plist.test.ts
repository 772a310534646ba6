import { parse } from 'plist';
import { expect, test } from 'vitest';
import { renderPlist } from './launchd-plist.ts';

test('a property list parser reads what was meant, whatever characters it has', () => {
  const text = renderPlist({
    name: 'go-agent',
    self: ['/usr/local/bin/go-agent'],
    home: '/Users/Shared/R&D <agent>',
    user: '_goagent',
    serverUrl: 'https://ci.example.com/go',
    runArguments: ['--resources', 'mac,"xcode" & more'],
  });
  expect(parse(text)).toEqual({
    Label: 'go-agent',
    ProgramArguments: [
      '/usr/local/bin/go-agent',
      'run',
      '--home',
      '/Users/Shared/R&D <agent>',
      '--env-file',
      '/etc/default/go-agent',
      '--server-url',
      'https://ci.example.com/go',
      '--resources',
      'mac,"xcode" & more',
    ],
    UserName: '_goagent',
    WorkingDirectory: '/Users/Shared/R&D <agent>',
    RunAtLoad: true,
    KeepAlive: { SuccessfulExit: false },
    ThrottleInterval: 10,
    ExitTimeOut: 600,
    Umask: 0o022,
    StandardOutPath: '/Users/Shared/R&D <agent>/go-agent-bootstrapper.out',
    StandardErrorPath: '/Users/Shared/R&D <agent>/go-agent-bootstrapper.out',
  });
});
