import { expect, test } from 'vitest';
import { parseEnvFile } from './env-file.ts';
import { explainSettings, explanationLines } from './explain-settings.ts';
import { launchSettings, withoutSecrets } from './launch-settings.ts';
import { resolveSettings, valueOf } from './resolve-settings.ts';
import type { SettingSources } from './setting-sources.ts';

const nothing: SettingSources = { flags: {}, environment: {}, cwd: '/srv' };
const NAME = 'workspace-max-age';
const everywhere: SettingSources = {
  cwd: '/srv',
  flags: { [NAME]: '1d' },
  environment: { GO_AGENT_WORKSPACE_MAX_AGE: '2d' },
  envFile: parseEnvFile('/etc/default/go-agent', 'GO_AGENT_WORKSPACE_MAX_AGE=3d'),
  lastRun: { [NAME]: '4d' },
};

test('flag, then environment, then file, then the last start, then default', () => {
  const { flags, environment, envFile, lastRun } = everywhere;
  const value = (sources: Partial<SettingSources>) =>
    valueOf(resolveSettings({ ...nothing, ...sources }), NAME);
  expect(value({ flags, environment, envFile, lastRun })).toBe('1d');
  expect(value({ environment, envFile, lastRun })).toBe('2d');
  expect(value({ envFile, lastRun })).toBe('3d');
  expect(value({ lastRun })).toBe('4d');
  expect(value({})).toBe('30d');
});

test("of the names of one setting the own comes before GoCD's, and a blank one counts for nothing", () => {
  const value = (environment: Record<string, string>) =>
    valueOf(resolveSettings({ ...nothing, environment }), 'auto-register-resources');
  expect(value({ AGENT_AUTO_REGISTER_RESOURCES: 'a' })).toBe('a');
  expect(value({ AGENT_AUTO_REGISTER_RESOURCES: 'a', GO_AGENT_AUTO_REGISTER_RESOURCES: 'b' })).toBe('b');
  expect(value({ AGENT_AUTO_REGISTER_RESOURCES: ' ' })).toBeUndefined();
  const server = resolveSettings({ ...nothing, environment: { GO_SERVER_URL: 'http://s/go' } });
  expect(valueOf(server, 'server-url')).toBe('http://s/go');
});

test('autoregister.properties comes after everything but the default, and is not handed on: the agent reads it', () => {
  const properties = new Map([['agent.auto.register.hostname', 'from-file']]);
  const resolution = resolveSettings({ ...nothing, properties });
  expect(valueOf(resolution, 'auto-register-hostname')).toBe('from-file');
  expect(launchSettings(resolution)).toEqual({});
});

test('what is handed on is what somebody set; of a key and a file with the key the one that comes first', () => {
  const launched = (sources: Partial<SettingSources>) =>
    launchSettings(resolveSettings({ ...nothing, ...sources }));
  const environment = { AGENT_AUTO_REGISTER_KEY: 'k' };
  const keyInFile = parseEnvFile('/e', 'AGENT_AUTO_REGISTER_KEY=k2');
  const fileInFile = parseEnvFile('/e', 'GO_AGENT_AUTO_REGISTER_KEY_FILE=/key');
  expect(launched({ flags: { 'auto-register-key-file': '/key', 'later-known': 'x' }, environment })).toEqual({
    'auto-register-key-file': '/key',
    'later-known': 'x',
  });
  // The agent inherits it.
  expect(launched({ environment, envFile: fileInFile })).toEqual({});
  expect(launched({ envFile: keyInFile })).toEqual({ 'auto-register-key': 'k2' });
  expect(launched({ flags: { probation: '5s' }, environment: { GO_AGENT_HOME: '/h' } })).toEqual({
    probation: '5s',
  });
  expect(withoutSecrets({ 'auto-register-key': 'k', grace: '1s' })).toEqual({ grace: '1s' });
});

test('relative paths belong to the current folder, those of a file to its own', () => {
  const envFile = parseEnvFile('/etc/default/go-agent', 'GO_AGENT_ROOT_CERT_FILE=ca.pem');
  const settings = resolveSettings({ ...nothing, flags: { 'ssl-certificate-file': 'own.pem' }, envFile });
  expect(valueOf(settings, 'ssl-certificate-file')).toBe('/srv/own.pem');
  expect(valueOf(settings, 'root-cert-file')).toBe('/etc/default/ca.pem');
  expect(valueOf(settings, 'home')).toBe('/srv');
});

test('names that are no settings are told, with what may be meant; values that make no sense are errors', () => {
  const { problems } = resolveSettings({
    cwd: '/',
    flags: { 'workspce-max-age': '1d', grace: 'soon', containment: 'jail' },
    environment: { GO_AGENT_LOGLEVEL: 'info', PATH: '/bin', GO_AGENT_JOB_MARKER: 'x' },
    envFile: parseEnvFile('/e', 'AGENT_AUTO_REGISTER_RESOURCE=a\nJAVA_HOME=/j\nnonsense\n'),
    properties: new Map([['agent.auto.register.keys', 'x']]),
  });
  expect(problems).toEqual(
    [
      { level: 'warning', message: '/e, line 3: expected NAME=value' },
      { level: 'error', message: 'containment is "jail"; expected one of best, session' },
      { level: 'error', message: 'grace is "soon"; expected a number with one of the units ms, s, m, h, d' },
      { level: 'warning', message: '--set workspce-max-age is no setting; did you mean workspace-max-age?' },
      {
        level: 'warning',
        message: 'environment variable GO_AGENT_LOGLEVEL is no setting; did you mean GO_AGENT_LOG_LEVEL?',
      },
      {
        level: 'warning',
        message:
          '/e: AGENT_AUTO_REGISTER_RESOURCE is no setting; did you mean AGENT_AUTO_REGISTER_RESOURCES?',
      },
      {
        level: 'warning',
        message:
          'config/autoregister.properties: agent.auto.register.keys is no setting; did you mean agent.auto.register.key?',
      },
    ].toSorted(
      (a, b) =>
        problems.findIndex((p) => p.message === a.message) -
        problems.findIndex((p) => p.message === b.message),
    ),
  );
});

test('an explanation names value and origin of each, and no secret', () => {
  const environment = { AGENT_AUTO_REGISTER_KEY: 'k3y-of-the-server' };
  const explanation = explainSettings(resolveSettings({ ...everywhere, environment }));
  const one = (name: string) => explanation.settings.find((setting) => setting.name === name);
  expect(one(NAME)).toMatchObject({
    value: '1d',
    from: '--set workspace-max-age',
    unit: 'ms, s, m, h, d',
    default: '30d',
  });
  expect(one('auto-register-key')).toMatchObject({
    value: '***',
    from: 'environment: AGENT_AUTO_REGISTER_KEY',
    secret: true,
  });
  expect(one('server-url')).toMatchObject({ value: null, from: 'not set', flag: '--server-url' });
  expect(one('job-host-entry')).toBeUndefined();
  const shown = [...explanationLines(explanation), JSON.stringify(explanation)].join('\n');
  expect(shown).not.toContain('k3y-of-the-server');
  expect(shown).toMatch(/^grace +10s +default$/m);
});
