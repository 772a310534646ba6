import { expect, test } from 'vitest';
import { hiddenVariables, withoutVariables } from './hidden-environment.ts';
import { parseSettings } from './parse-settings.ts';
import { parseArguments } from './receive-launch.ts';

test('without settings the intervals are those of the stock agent', () => {
  expect(parseSettings({})).toMatchObject({
    pingDelayMs: 1500,
    pingIntervalMs: 5000,
    pingWaitMs: 5000,
    workWaitMs: 30_000,
    instructionIntervalMs: 10_000,
    workBackoffMs: 1000,
    workBackoffMaxMs: 10_000,
    registrationRetryMs: 5000,
    diskLimitBytes: 100 * 1024 * 1024,
    spaceLimits: { maxAgeMs: 30 * 86_400_000, maxBytes: 50 * 1024 ** 3 },
    containment: 'best',
    tls: { mode: 'FULL' },
  });
});

test('times and sizes have units, files of certificates are taken over', () => {
  const raw = {
    'ping-interval': '250',
    'work-wait': '2m',
    'disk-limit': '1G',
    'workspace-max-age': '2d',
    'workspace-max-size': '0',
    'run-jobs-as': 'builder',
    'ssl-verification-mode': 'none',
    'root-cert-file': '/ca.pem',
    'a-name-of-others': 'x',
  };
  expect(parseSettings(raw)).toMatchObject({
    pingIntervalMs: 250,
    workWaitMs: 120_000,
    diskLimitBytes: 1024 ** 3,
    spaceLimits: { maxAgeMs: 172_800_000, maxBytes: 0 },
    runJobsAs: 'builder',
    tls: { mode: 'NONE', rootCertFile: '/ca.pem' },
  });
});

test('all problems are named at once', () => {
  const parse = () =>
    parseSettings({
      'ping-interval': 'soon',
      grace: '5 days',
      'workspace-max-size': '5 apples',
      containment: 'jail',
      'ssl-verification-mode': 'MAYBE',
    });
  expect(parse).toThrow(
    /ping-interval is "soon".*grace is "5 days".*workspace-max-size is "5 apples"; expected a number with one of the units B, K, M, G, T.*containment is "jail".*ssl-verification-mode is "MAYBE"/,
  );
});

test('an agent started by hand takes server and home from its arguments, and settings from the rest', () => {
  const argv = ['--server-url', 'http://h:8153/go/', '--home=/a', '--log-level', 'debug'];
  expect(parseArguments(argv, '/cwd', '/node')).toEqual({
    home: '/a',
    serverUrl: 'http://h:8153/go',
    settings: { 'log-level': 'debug' },
    runtime: ['/node'],
    bootstrapperVersion: 'UNKNOWN',
  });
  expect(() => parseArguments([], '/cwd', '/node')).toThrow('give --server-url URL');
  expect(() => parseArguments(['--home'], '/cwd', '/node')).toThrow('--home lacks its value');
  expect(() => parseArguments(['x'], '/cwd', '/node')).toThrow('Not an option: x');
});

test('the own settings and keys of the agent are hidden from jobs, the marker of an outer job is not', () => {
  const environment = {
    PATH: '/bin',
    GO_AGENT_HOME: '/a',
    GO_AGENT_JOB_MARKER: 'outer',
    AGENT_AUTO_REGISTER_KEY: 'k3y',
    GO_EA_AUTO_REGISTER_KEY: 'k3y',
  };
  const hidden = hiddenVariables(environment);
  expect(withoutVariables(environment, hidden)).toEqual({ PATH: '/bin', GO_AGENT_JOB_MARKER: 'outer' });
});
