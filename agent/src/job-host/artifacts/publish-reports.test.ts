import type { ArtifactPlan } from '@go-agent/protocol';
import { expect, test } from 'vitest';
import { fileStoreRelay } from '../testing/file-store-relay.ts';
import { shell, testJob } from '../testing/test-job.ts';

const REPORT = '<testsuite name="s" tests="2"><testcase name="a"/><testcase name="b"/></testsuite>';

const unit = (src: string): ArtifactPlan => ({ artifactPlanType: 'unit', src, dest: 'testoutput' });

/** Runs a job that leaves one report of two tests. @returns the counts that the server gets */
async function counted(...artifactPlans: readonly ArtifactPlan[]): Promise<unknown> {
  const links = 'ln -s of all/latest; ln -s . all/of/here; ln -s .. all/of/up';
  const script = `mkdir -p all/of/them; echo '${REPORT}' > all/of/them/a.xml; ${links}`;
  await using job = await testJob({ assignment: { artifactPlans, builders: [shell(script)] } });
  await using relay = await fileStoreRelay(job.folder);
  expect(await job.run()).toBe('Passed');
  return JSON.parse(relay.entries.get('cruise-output/test-summary.json')?.content.toString() ?? '');
}

test.each([
  ['in a folder in a folder that matches', [unit('all/')]],
  ['that matches, as its folder does', [unit('all/of/**/them'), unit('all/of/them/*.xml')]],
  ['that two plans name', [unit('all/of'), unit('all/of')]],
  ['to which a link leads too', [unit('all/*')]],
  ['that links lead to in circles', [unit('all/of')]],
])('a report is counted once: one %s', async (_, plans) => {
  expect(await counted(...plans)).toMatchObject({ tests: 2, passed: 2 });
});
