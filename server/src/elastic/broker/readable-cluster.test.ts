import { expect, test } from 'vitest';
import { openBroker } from '../testing/open-broker.ts';
import { loadOf } from './load.ts';

test('a plugin is told of the load of those clusters that can be used, while the secrets of another cannot be opened', async () => {
  await using it = await openBroker('jobs_per_agent: 1');
  const told = () => loadOf(it.cloud.broker, 'scripted').clusters.map(({ cluster }) => cluster.id);
  const store = async (value: string) => {
    const properties = [{ key: 'token', value, secure: true }];
    const cluster = { id: 'stored', pluginId: 'scripted', properties, priority: 0 };
    await it.cloud.broker.context.scheduler.store.write(({ elasticProfiles }) =>
      elasticProfiles.saveCluster(cluster),
    );
    await it.restart();
  };
  await store('sealed:v1:made-with-a-key-that-is-lost');
  expect(told()).toEqual(['cloud']);
  const [message] = it.fixture.core.health();
  expect(message).toMatchObject({ scope: 'cluster-profile/stored', level: 'error' });
  expect(message?.detail).toContain('go-server encrypt');
  await store(it.cloud.broker.context.scheduler.secrets.seal('abc'));
  expect(told().toSorted()).toEqual(['cloud', 'stored']);
  expect(it.fixture.core.health()).toEqual([]);
});
