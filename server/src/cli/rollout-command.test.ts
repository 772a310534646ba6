import { join } from 'node:path';
import { systemClock } from '@go-agent/runtime';
import { tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { checkServed } from '../bundles/testing/check-served.ts';
import { ReleaseMaker } from '../bundles/testing/release-maker.ts';
import { CoreFixture } from '../core/core-fixture.ts';
import { testServer } from '../testing/test-server.ts';
import { runCli } from './cli.ts';

/** A server with a real core, one agent, and a folder of releases that are added by the command. */
async function setUp() {
  await using opening = new AsyncDisposableStack();
  const { path } = opening.use(await tempDir());
  const fixture = opening.use(await CoreFixture.make());
  await fixture.start();
  const bundlesDir = join(path, 'bundles');
  const maker = new ReleaseMaker();
  await maker.release(join(path, '1.0'), '1.0');
  await maker.release(join(path, '2.0'), '2.0');
  const server = opening.use(await testServer(fixture.core, { bundlesDir }));
  const stack = opening.move();
  const run = async (...args: string[]) => {
    let [out, err] = ['', ''];
    const where = args[0] === 'release' ? ['--bundles', bundlesDir] : ['--server-url', server.server.url];
    const result = await runCli([...args, ...where], {
      env: { GO_SERVER_TOKEN: server.token },
      cwd: path,
      pid: 1,
      clock: systemClock,
      stop: new AbortController().signal,
      readInput: async () => '',
      out: (text) => (out += text),
      err: (text) => (err += text),
    });
    return { result, out, err };
  };
  const md5 = async (guid: string, says?: object) => {
    const versions: Record<string, string> =
      says === undefined ? {} : { 'X-Agent-Versions': JSON.stringify(says) };
    const { headers } = await server.ask('/admin/agent-bundles/agent.zip', {
      method: 'HEAD',
      headers: { 'X-Agent-GUID': guid, ...versions },
    });
    return headers['content-md5'];
  };
  return { path, fixture, server, run, md5, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('releases are added, offered, rolled out, halted and explained by commands', async () => {
  await using its = await setUp();
  const { run, md5, server } = its;
  await its.fixture.agent('a1');
  await its.fixture.agent('a2');
  expect(await md5('a1')).toBeUndefined();
  expect(await run('release', 'add', '2.0')).toMatchObject({
    result: 0,
    out: expect.stringContaining('2.0 is added'),
  });
  expect(await run('release', 'add', '1.0')).toMatchObject({
    result: 1,
    err: expect.stringContaining('old'),
  });
  await waitFor(async () => (await md5('a1')) !== undefined);
  const second = await md5('a1');
  const { out: listed } = await run('release', 'list', '--json');
  const [release] = JSON.parse(listed).releases;
  expect(release).toMatchObject({ version: '2.0', bundles: [{ signed: true }, { signed: true }] });
  expect((await run('release', 'list')).out).toContain(String(second));
  expect(await run('rollout', 'start', '2.0', '--percent', '0', '--resource', 'x')).toMatchObject({
    result: 0,
  });
  expect(await md5('a1')).toBeUndefined();
  expect(await run('rollout', 'start', '2.0', '--percent', '100', '--min-verdicts', '1')).toMatchObject({
    result: 0,
  });
  expect(await md5('a1')).toBe(second);

  const failed = { current: '0'.repeat(32), quarantined: [{ md5: second, reason: 'it ended with 1' }] };
  expect(await md5('a1', { agent: failed })).toBeUndefined();
  const status = await run('rollout', 'status');
  expect(status.result).toBe(3);
  expect(status.out).toMatch(/HALTED at .*: 1 of 1 agents failed their probation/);
  expect(status.out).toMatch(
    /host-a1 +00000000 +unknown +\(stays\) +the roll-out of 2.0 is halted: it ended with 1/,
  );
  expect(JSON.parse((await run('rollout', 'status', '--json')).out)).toMatchObject({
    rollout: { version: '2.0', failed: 1, halted: { reason: expect.any(String) } },
    agents: [
      { uuid: 'a1', verdict: { type: 'failed' } },
      { uuid: 'a2', offered: null },
    ],
  });
  expect((await run('rollout', 'resume')).out).toContain('counted anew');
  expect(await md5('a2')).toBe(second);
  expect(await run('rollout', 'freeze', '--reason', 'release day')).toMatchObject({ result: 0 });
  expect(await md5('a2')).toBeUndefined();
  expect(await md5('a2', { agent: { current: second } })).toBe(second);
  expect(await run('rollout', 'pin', '2.0', '--agent', 'a2')).toMatchObject({ result: 0 });
  expect(await md5('a2')).toBe(second);
  expect((await run('rollout', 'status')).out).toMatch(
    /FROZEN since .*: release day\nPinned: agent a2 to 2.0/,
  );
  for (const args of [['unpin', '--agent', 'a2'], ['unfreeze'], ['end']])
    expect(await run('rollout', ...args)).toMatchObject({ result: 0 });

  const served = async (name: string) => {
    const answer = await server.ask(`/admin/agent-trust/${name}`);
    return answer.status === 200 ? Buffer.from(answer.body) : undefined;
  };
  expect(await checkServed(served, ['1.root.json'])).toMatchObject({ targets: 2, root: 1 });
  expect((await server.ask('/admin/agent-trust/online.json')).status).toBe(404);
  expect((await server.ask('/admin/agent-trust/..%2f..%2fkeys%2fonline.json')).status).toBe(404);
});

test('what is wrong is said, and each command needs the token', async () => {
  await using its = await setUp();
  const { run, server } = its;
  expect(await run('rollout', 'start', '9.9', '--percent', '1')).toMatchObject({
    result: 1,
    err: expect.stringContaining('The server has no release 9.9. It has: none.'),
  });
  expect(await run('rollout', 'start', '2.0', '--percent', 'many')).toMatchObject({ result: 2 });
  expect(await run('rollout', 'pin', '2.0')).toMatchObject({
    result: 2,
    err: expect.stringContaining('--agent'),
  });
  expect(await run('rollout', 'unpin', '--resource', 'x')).toMatchObject({ result: 1 });
  expect(await run('rollout', 'resume')).toMatchObject({ result: 1, err: expect.stringContaining('halted') });
  expect((await run('rollout', 'status')).out).toContain('everybody gets the newest release');
  const answer = await server.ask('/api/rollout/end', {
    method: 'POST',
    headers: { Accept: 'application/vnd.go.cd.v1+json', 'Content-Type': 'application/json' },
    body: '{}',
  });
  expect(answer.status).toBe(401);
});
