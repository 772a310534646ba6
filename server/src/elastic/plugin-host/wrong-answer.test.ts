import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runServices } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { CoreFixture } from '../../core/core-fixture.ts';

const FAKE = join(import.meta.dirname, '..', 'testing', 'fake-plugin', 'main.ts');
const FILE = `
cluster_profiles: {cloud: {plugin_id: liar}}
elastic_profiles: {small: {cluster_profile_id: cloud}}
pipelines:
  app:
    group: g
    materials: {code: {git: REPOSITORY, branch: main, auto_update: false}}
    stages: [build: {approval: manual, jobs: {compile: {elastic_profile_id: small, tasks: [{exec: {command: make}}]}}}]
`;

test('a plugin that answers what makes no sense is the reason why a job waits, and is asked again later and later', async () => {
  await using fixture = await CoreFixture.make();
  const plugin = join(fixture.folder, 'plugins', 'liar');
  await mkdir(plugin, { recursive: true });
  const command = ['${node}', FAKE, 'lies'];
  const manifest = { id: 'liar', name: 'Liar', version: '1', dialect: 'rfc', command };
  await writeFile(join(plugin, 'plugin.json'), JSON.stringify(manifest));
  await fixture.pipelineFile('app.gocd.yaml', FILE);
  const pluginFolders = [join(fixture.folder, 'plugins')];
  const core = await fixture.start({ pluginFolders, environment: { PATH: process.env['PATH'] } });
  const stop = new AbortController();
  const running = runServices(core.services, stop.signal);
  try {
    await waitFor(() => core.elastic.plugins()[0]?.unavailable === undefined);
    await core.pipelines.trigger('app', { approver: 'ann' });
    const answered = async (after: number) =>
      waitFor(async () => {
        // Little: however long its answer takes, the plugin's time for it is not over.
        await fixture.clock.advance(1);
        const wait = core.elastic.waiting()[0]?.wait;
        return (wait?.answeredAt ?? 0) > after ? wait : undefined;
      });
    const first = await answered(0);
    expect(first).toMatchObject({
      action: 'unanswered',
      reason: expect.stringContaining('its answer to assign-work is not understood') as string,
    });
    await fixture.clock.advance((first.askAgainAt ?? 0) - fixture.clock.now());
    const second = await answered(first.answeredAt ?? 0);
    const patience = ({ answeredAt = 0, askAgainAt = 0 }) => askAgainAt - answeredAt;
    expect(patience(second)).toBeGreaterThan(patience(first));
    expect(core.elastic.plugins()).toMatchObject([{ id: 'liar', isUsed: true }]);
    expect(core.elastic.plugins()[0]?.unavailable).toBeUndefined();
  } finally {
    stop.abort();
    await running;
  }
});
