import type { GitMaterial } from '@go-agent/protocol';
import { expect, test } from 'vitest';
import { sampleWork } from '../journal/testing/sample-assignment.ts';
import { jobSecrets } from './job-secrets.ts';
import { plugin } from './testing/plugin-builder.ts';

test('finds the secure options of plugin tasks, and of their on-cancel tasks', () => {
  const { assignment } = sampleWork(1);
  const task = plugin(
    'p',
    {},
    { pluginConfig: { url: { value: 'open' }, token: { value: 's1', secure: true } } },
  );
  const onCancel = plugin('p', {}, { pluginConfig: { token: { value: 's2', secure: true } } });
  const builders = [{ ...task, cancelBuilder: onCancel }];
  expect([...jobSecrets({ ...assignment, builders })]).toEqual(['s1', 's2']);
});

test('finds secure variables, resolved secrets and the passwords of materials', () => {
  const { assignment } = sampleWork(1);
  const material: GitMaterial = {
    type: 'GitMaterial',
    materialType: 'GitMaterial',
    url: { url: 'https://bob:p%40ss@host/r.git' },
    shallowClone: false,
    password: 'other',
  };
  const found = jobSecrets({
    ...assignment,
    initialContext: {
      properties: [
        { name: 'A', value: 'plain', secure: false, secretParams: [] },
        { name: 'B', value: 'secure', secure: true, secretParams: [] },
        {
          name: 'C',
          value: 'x{{SECRET:[v][k]}}',
          secure: false,
          secretParams: [{ secretConfigId: 'v', key: 'k', value: 'vault', resolved: true }],
        },
      ],
    },
    materialRevisions: { revisions: [{ material, modifications: [], changed: true }] },
  });
  expect([...new Set(found)].toSorted()).toEqual([
    'other',
    'p%2540ss',
    'p%40ss',
    'p@ss',
    'secure',
    'vault',
    'xvault',
  ]);
});
