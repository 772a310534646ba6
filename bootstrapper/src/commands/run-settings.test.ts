// `go-agent run` as a process: what of flags, environment and files reaches the launcher.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { fixtureBundles } from '../testing/fixture-launcher.ts';

const main = join(import.meta.dirname, '..', 'main.ts');

const tellAll = `
  const { TOOLS, PATH, AGENT_AUTO_REGISTER_KEY } = process.env;
  writeFileSync(request.home + '/told', JSON.stringify({ ...request, environment: { TOOLS, PATH, AGENT_AUTO_REGISTER_KEY } }));
  await untilStopped(control);
  return 0;`;

test('settings reach the launcher in the order of precedence, secrets of a file reach no environment and no status', async () => {
  await using folder = await tempDir();
  const home = join(folder.path, 'home');
  const file = join(folder.path, 'settings.env');
  const key = 'k3y-of-the-server';
  const lines = [
    `GO_AGENT_HOME=${home}`,
    'GO_SERVER_URL=http://127.0.0.1:1/go',
    'GO_AGENT_GRACE=3s',
    'GO_AGENT_LOG_LEVEL=warn',
    `AGENT_AUTO_REGISTER_KEY=${key}`,
    'TOOLS=/opt/tools',
    'PATH=/not/this',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const bundles = fixtureBundles(join(folder.path, 'bundles'), tellAll);
  const args = [
    'run',
    '--env-file',
    'settings.env',
    '--bundles',
    bundles,
    '--set',
    'work-wait=1s',
    '--set',
    'odd=1',
  ];
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder.path,
    env: { PATH: process.env['PATH'], GO_AGENT_LOG_LEVEL: 'debug' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let warnings = '';
  child.stderr.on('data', (text: Buffer) => (warnings += text.toString()));
  const exited = once(child, 'exit');
  try {
    const told = await waitFor(
      async () => JSON.parse(await readFile(join(home, 'told'), 'utf8')) as Record<string, unknown>,
    );
    expect(told).toMatchObject({
      home,
      serverUrl: 'http://127.0.0.1:1/go',
      environment: { TOOLS: '/opt/tools', PATH: process.env['PATH'] },
    });
    expect(told['settings']).toEqual({
      'work-wait': '1s',
      odd: '1',
      'log-level': 'debug',
      grace: '3s',
      'auto-register-key': key,
    });
    expect(told['environment']).not.toHaveProperty('AGENT_AUTO_REGISTER_KEY');
    // Written while the launcher starts.
    const status = await waitFor(() => readFile(join(home, 'data', 'bootstrapper.json'), 'utf8'));
    expect(status).not.toContain(key);
    expect(await readFile(join(home, 'logs', 'go-agent-bootstrapper.log'), 'utf8')).not.toContain(key);
    expect(warnings).toContain('warning: --set odd is no setting');
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
});
