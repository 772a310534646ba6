import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { renderUnit } from '../../service/systemd-unit.ts';
import type { Subject } from '../subject.ts';
import { serviceCheck } from './service-check.ts';

const service = { name: 'go-agent', self: ['/usr/bin/go-agent'], user: 'go-agent', runArguments: [] };

async function verdictOn(unit: string, home: string) {
  await using folder = await tempDir();
  await writeFile(join(folder.path, 'any-name.service'), unit);
  await writeFile(join(folder.path, 'other.service'), '[Service]\nExecStart=/bin/true\n');
  const environment = { SYSTEMD_UNIT_PATH: folder.path };
  return serviceCheck.run({ home, environment } as unknown as Subject, new AbortController().signal);
}

test.each(['/var/lib/go-agent', '/srv/build agents/50%'])(
  'nothing is wrong with the unit that go-agent writes for %s',
  async (home) => {
    expect(await verdictOn(renderUnit({ ...service, home }), home)).toMatchObject({
      result: 'ok',
      saw: expect.stringContaining('any-name.service'),
    });
  },
);

test('a unit of another home is none of this agent; one without what it takes is told', async () => {
  const unit = renderUnit({ ...service, home: '/a' });
  expect(await verdictOn(unit, '/b')).toMatchObject({ result: 'skipped' });
  const bare = '[Service]\nExecStart=/usr/bin/go-agent run --home /b\n';
  const { result, saw } = await verdictOn(bare, '/b');
  expect(result).toBe('warn');
  for (const part of ['Delegate=yes', 'KillMode=control-group', 'Restart=always', 'runs as root'])
    expect(saw).toContain(part);
});
