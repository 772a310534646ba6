import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Builder, type EnvironmentVariable, parseJson } from '@go-agent/protocol';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { plugin } from '../testing/plugin-builder.ts';
import { shell, TEST_PATH, testJob, variable } from '../testing/test-job.ts';

const EXAMPLES = join(import.meta.dirname, '../../../../examples/task-plugin');
const NODE_PATH = `${dirname(process.execPath)}:${TEST_PATH}`;

interface PluginRun {
  /** A shell script: it gets the request on its standard input. */
  readonly source: string;
  readonly manifest?: object;
  readonly builders?: readonly Builder[];
  readonly properties?: readonly EnvironmentVariable[];
  readonly graceMs?: number;
}

/** A job with the plugin `test.plugin`. */
async function pluginJob({ source, manifest, builders, properties = [], graceMs = 1000 }: PluginRun) {
  const stack = new AsyncDisposableStack();
  const dir = stack.use(await tempDir());
  await mkdir(join(dir.path, 'any-name'));
  const file = join(dir.path, 'any-name', 'run.sh');
  await writeFile(file, source);
  await chmod(file, 0o755);
  const content = { id: 'test.plugin', command: 'sh', args: ['./run.sh'], ...manifest };
  await writeFile(join(dir.path, 'any-name', 'plugin.json'), JSON.stringify(content));
  const tasks = builders ?? [plugin('test.plugin', { colour: 'blue' })];
  const job = stack.use(
    await testJob({
      assignment: { builders: tasks, initialContext: { properties } },
      pluginFolders: [join(dir.path, 'none'), dir.path],
      graceMs,
    }),
  );
  return { job, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function run(options: PluginRun) {
  await using plugins = await pluginJob(options);
  const result = await plugins.job.run();
  const survivors = plugins.job.survivors();
  return { result, survivors, console: await plugins.job.console() };
}

const RESULT = '{"jsonrpc":"2.0","id":1,"result":{"success":true}}';
const say = (text: string, stream = 'stdout') =>
  `printf '%s\\n' '${JSON.stringify({ jsonrpc: '2.0', method: 'console', params: { stream, text } })}'\n`;

test('runs the example plugin: options, environment and folder go in, console and result come out', async () => {
  const properties = [variable('GO_PIPELINE_NAME', 'up42')];
  await using job = await testJob({
    assignment: {
      builders: [plugin('example.greeter', { names: 'Ada\nGrace' }), plugin('example.greeter', {})],
      initialContext: { properties },
    },
    env: { PATH: NODE_PATH },
    pluginFolders: [EXAMPLES],
  });
  expect(await job.run()).toBe('Failed');
  const console = await job.console();
  expect(console).toContain(
    `&1|Working for pipeline up42 in ${job.workingDir}\n&1|Hello, Ada!\n&1|Hello, Grace!\n?0|`,
  );
  expect(console).toMatch(/&2\|The option "names" is empty\n\?1\|\[go\] Task status: failed \(\d+ ms\)\n/);
});

test('the request is one line of JSON-RPC, and the plugin runs with the job’s environment in its working folder', async () => {
  await using plugins = await pluginJob({
    source: `read -r line; echo "$line" > request.json; echo "$PWD $COLOUR" >&2; echo '${RESULT}'`,
    properties: [variable('COLOUR', 'red')],
    builders: [plugin('test.plugin', { colour: 'blue' }), shell('cat request.json')],
  });
  const { job } = plugins;
  expect(await job.run()).toBe('Passed');
  const console = await job.console();
  expect(console).toContain(`&2|${job.workingDir} red\n`);
  const line = /&1\|(\{.*\})/.exec(console)?.[1] ?? '';
  expect(parseJson(line, (value) => value)).toMatchObject({
    jsonrpc: '2.0',
    id: 1,
    method: 'execute',
    params: {
      task: { id: 'test.plugin', config: { colour: 'blue' } },
      environment: { COLOUR: 'red', CI: 'true' },
      workingDirectory: job.workingDir,
    },
  });
});

test('masks secrets in everything that a plugin says', async () => {
  const error = '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no hunter2"}}';
  const { result, console } = await run({
    source: `${say('a hun')}${say('ter2 b\n')}${say('c hunter2\n', 'stderr')}echo hunter2 >&2\necho '${error}'`,
    properties: [variable('TOKEN', 'hunter2', true)],
  });
  expect(result).toBe('Failed');
  expect(console).toContain('&1|a ****** b\n');
  expect(console).toContain('&2|c ******\n');
  expect(console).toContain('&2|[go] The task plugin test.plugin failed: no ******\n');
  expect(console).not.toContain('hunter2');
});

test.each([
  ['exit 3', /&2\|\[go\] The task plugin test.plugin ended without an answer\.\n\?1.*\(exit code: 3\)/],
  ['kill -9 $$', /ended without an answer\.\n\?1.*\(exit code: 137\)/],
  [
    'echo "hello world"; sleep 300',
    /&2\|\[go\] Said: hello world\n&2\|\[go\] The task plugin test.plugin wrote/,
  ],
  ['echo \'{"jsonrpc":"2.0","id":1,"result":5}\'; sleep 300', /wrote something to its standard output/],
  ['sleep 300 & exit 4', /ended without an answer\.\n\?1.*\(exit code: 4\)/],
])('a plugin that does %j fails the task with a clear line', async (source, expected) => {
  const { result, console, survivors } = await run({ source });
  expect(result).toBe('Failed');
  expect(console).toMatch(expected);
  expect(survivors).toEqual([]);
});

test('a plugin that never ends its line is stopped before it fills the memory', async () => {
  const { console } = await run({ source: 'yes | tr -d "\\n"' });
  expect(console).toContain('&2|[go] Said: a line of more than 16777216 bytes');
});

test('answers a method that it does not know, ignores unknown notices, and reads split and joined messages', async () => {
  const { result, console } = await run({
    source: `read -r request
echo '{"jsonrpc":"2.0","id":"x","method":"nonsense"}'; read -r answer; echo "$answer" >&2
echo '{"jsonrpc":"2.0","method":"later"}'
printf '{"jsonrpc":"2.0","met'; sleep 0.1; printf 'hod":"console","params":{"text":"joined\\\\n"}}\\r\\n\\n'
printf '${RESULT}'`,
  });
  expect(console).toContain('&2|{"jsonrpc":"2.0","id":"x","error":{"code":-32601,');
  expect(console).toContain('&1|joined\n');
  expect(result).toBe('Passed');
});

test('a plugin that hangs is ended by the time-out of the task', async () => {
  const builders = [plugin('test.plugin', {}, { timeoutMs: 300 })];
  const { result, console } = await run({ source: 'exec sleep 300', builders });
  expect(result).toBe('Failed');
  expect(console).toMatch(/&2\|\[go\] The task has taken longer than 0.3 seconds(.*\n)*\?1/);
});

test('on cancel a plugin hears of it before it gets a signal, and may clean up', async () => {
  const source = `trap 'echo "signal" >&2' TERM
read -r request
${say('up\n')}
read -r cancel
echo "$cancel" >&2; echo "cleaned up" >&2
echo '${RESULT}'`;
  await using plugins = await pluginJob({ source, graceMs: 20_000 });
  const running = plugins.job.run();
  await plugins.job.untilConsoleHas('&1|up');
  plugins.job.cancel();
  expect(await running).toBe('Cancelled');
  const console = await plugins.job.console();
  expect(console).toContain('&2|{"jsonrpc":"2.0","method":"cancel"}\n&2|cleaned up\n');
  expect(console).not.toContain('signal');
  expect(console).toMatch(/\^C\|\[go\] Task status: cancelled \(\d+ ms\)\n/);
});

test('a plugin that does not hear of a cancel gets the signal, and SIGKILL after the grace', async () => {
  const source = `trap 'echo got TERM >&2' TERM
read -r request
${say('up\n')}
while :; do sleep 0.05; done`;
  // Time for the trap between the two.
  await using plugins = await pluginJob({ source, graceMs: 4000 });
  const running = plugins.job.run();
  await plugins.job.untilConsoleHas('&1|up');
  plugins.job.cancel();
  expect(await running).toBe('Cancelled');
  expect(await plugins.job.console()).toContain('&2|got TERM');
  expect(plugins.job.survivors()).toEqual([]);
});

test('names an unknown plugin, what there is, and the remedy', async () => {
  const { result, console } = await run({ source: '', builders: [plugin('my.plugin', {})] });
  expect(result).toBe('Failed');
  expect(console).toContain(
    '&2|[go] There is no task plugin my.plugin on this agent (it has test.plugin). Add it to the agent-plugins bundle',
  );
});

test.each([
  [{ protocol: 2 }, 'speaks version 2 of the protocol, this agent version 1. Upgrade the agent'],
  [{ command: 'no-such-command' }, '&2|There is no command no-such-command on the PATH.'],
  [{ command: 5 }, 'any-name/plugin.json: it lacks a "command".'],
])('a plugin.json with %j is a clear failure', async (manifest, expected) => {
  const { result, console } = await run({ source: '', manifest });
  expect(result).toBe('Failed');
  expect(console).toContain(expected);
});

test('a folder of plugins that cannot be read is named', async () => {
  await using job = await testJob({
    assignment: { builders: [plugin('my.plugin', {})] },
    pluginFolders: [import.meta.filename],
  });
  expect(await job.run()).toBe('Failed');
  expect(await job.console()).toMatch(
    /no task plugin my\.plugin .*Not usable: .*plugin-task\.test\.ts: ENOTDIR/,
  );
});
