import { expect, test } from 'vitest';
import {
  agentActionPath,
  agentBundlePath,
  agentTokenPath,
  artifactFilePath,
  artifactFolderPath,
  artifactUploadPath,
  checksumFilePath,
  consoleLogPath,
  endpointUrl,
} from './endpoints.ts';

const job = {
  pipelineName: 'up42',
  pipelineCounter: 7,
  pipelineLabel: '1.0.7',
  stageName: 'up42_stage',
  buildName: 'up42_job',
  buildId: 1234,
  stageCounter: '1',
};
const files = '/remoting/files/up42/7/up42_stage/1/up42_job';

test('the server URL may end in a slash', () => {
  expect(endpointUrl('http://h:8153/go/', agentActionPath('get_work'))).toBe(
    'http://h:8153/go/remoting/api/agent/get_work',
  );
  expect(endpointUrl('http://h:8153/go', agentTokenPath('a b'))).toBe(
    'http://h:8153/go/admin/agent/token?uuid=a%20b',
  );
});

test('console and artifacts are addressed by locator, attempt and build id', () => {
  expect(consoleLogPath(job)).toBe(`${files}/cruise-output/console.log?attempt=1&buildId=1234`);
  expect(artifactUploadPath(job, 'pkg', 2)).toBe(`${files}/pkg?attempt=2&buildId=1234`);
  expect(artifactUploadPath(job, '', 1)).toBe(`${files}/?attempt=1&buildId=1234`);
});

test('fetched are the checksums, a file (with the SHA-1 of the one at hand), or a folder as a zip', () => {
  expect(checksumFilePath(job)).toBe(`${files}/cruise-output/md5.checksum`);
  expect(artifactFilePath(job, 'dist/app.jar')).toBe(`${files}/dist/app.jar`);
  expect(artifactFilePath(job, 'a', 'x+y/z=')).toBe(`${files}/a?sha1=x%2By%2Fz%3D`);
  expect(artifactFolderPath(job, 'dist/reports')).toBe(`${files}/dist/reports.zip`);
});

test('our bundles have paths of their own, apart from the stock binaries', () => {
  expect(agentBundlePath('agent-launcher')).toBe('/admin/agent-bundles/agent-launcher.zip');
});
