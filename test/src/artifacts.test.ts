import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shellTask, stageOf } from './harness/pipeline-words.ts';
import { startSystem } from './harness/start-system.ts';

const MAKE = `
set -e
mkdir -p out/bin out/deep/er out/empty reports
printf 'run\\n' > out/bin/tool; chmod 755 out/bin/tool
ln -s tool out/bin/alias; ln -s ../deep out/bin/folder; ln -s /etc/hostname out/outside; ln -s nowhere out/broken
i=0; while [ $i -lt 1500 ]; do echo "file $i" > "out/deep/er/f $i.txt"; i=$((i+1)); done
head -c 9000000 /dev/urandom > out/large.bin; chmod 600 out/large.bin
cat > reports/a.xml <<X
<testsuite><testcase classname="c" name="ok" time="0.5"/><testcase classname="c" name="bad"><failure>no</failure></testcase></testsuite>
X
(cd out && find . -type f ! -name outside | sort | xargs -d '\\n' sha256sum) > sums
`;

const CHECK = `
set -e
cd got/out && sha256sum --quiet --strict -c ../../sums
test -x bin/tool && test ! -x deep/er/'f 1.txt'
test "$(readlink bin/alias)" = tool && test "$(readlink bin/folder)" = ../deep
test -d empty && test -f outside && test ! -L outside && test ! -e broken
test -x ../tool
`;

/** Into the job's folder by default. */
const fetch = (source: string, isFile: boolean, more: { destination?: string } = {}) => ({
  fetch: { stage: 'make', job: 'make', source, is_file: isFile, ...more },
});

const got = { destination: 'got' };

test('what one job publishes another one gets: contents, modes, links, and nothing twice', async () => {
  await using system = await startSystem();
  const artifacts = [
    { build: { source: 'out' } },
    { build: { source: 'sums' } },
    { test: { source: 'reports', destination: 'rep' } },
  ];
  const tasks = [
    fetch('sums', true),
    fetch('out/bin/tool', true, got),
    fetch('out', false, got),
    shellTask(CHECK),
    fetch('out', false, got),
    shellTask('rm got/out/large.bin; echo other > "got/out/deep/er/f 7.txt"; echo mine > got/out/mine'),
    fetch('out', false, got),
    shellTask(`${CHECK} test -f mine`),
  ];
  await system.definePipeline('files', [
    stageOf('make', 'make', [shellTask(MAKE)], { job: { artifacts } }),
    stageOf('use', 'use', tasks),
  ]);
  const counter = await system.trigger('files');
  const made = await system.waitForStage('files', counter, 'make');
  const make = { pipeline: 'files', counter, stage: 'make', job: 'make' };
  expect(made.result, await system.console(make)).toBe('Passed');
  const used = await system.waitForStage('files', counter, 'use');
  const console = await system.console({ pipeline: 'files', counter, stage: 'use', job: 'use' });
  expect(used.result, console).toBe('Passed');
  expect(console.match(/Artifact is not modified, skipped fetching it/g)).toHaveLength(1);
  expect(await system.console(make)).toMatch(/ar\|\S+ \[go\] Uploaded 1503 files \(\d+ MB\)/);
  const file = async (path: string) =>
    (await system.api.ask(system.file(make, path), { accept: '*/*' })).text;
  expect(JSON.parse(await file('cruise-output/test-summary.json'))).toMatchObject({
    tests: 2,
    passed: 1,
    failed: 1,
  });
  expect((await system.stage('files', counter, 'make')).jobs[0]).toMatchObject({
    tests: { tests: 2, passed: 1, failed: 1, skipped: 0, seconds: 0.5 },
  });
  expect(await file('testoutput/index.html')).toBe(await file('testoutput/result/index.html'));
  expect(await file('rep/reports/a.xml')).toContain('<testsuite>');
  const md5 = await readFile(
    join(
      system.server.data,
      'artifacts/pipelines/files',
      String(counter),
      'make/1/make/cruise-output/md5.checksum',
    ),
    'latin1',
  );
  expect(md5.match(/^out\/deep\/er\/f\\ \d+\.txt=[0-9a-f]{32}$/gm)).toHaveLength(1500);
});
