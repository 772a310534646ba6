import fc from 'fast-check';
import { expect, test } from 'vitest';
import { artifactLocator, buildLocator, buildLocatorForDisplay, parseArtifactLocator } from './locators.ts';

const job = {
  pipelineName: 'my pipe+é',
  pipelineCounter: 7,
  pipelineLabel: '1.0.7',
  stageName: 'st',
  stageCounter: '1',
  buildName: 'job',
};

test('the example of the reference: a plus sign stays, the rest is percent-encoded as a path', () => {
  expect(artifactLocator(job, 'a dir/x y#1?.txt')).toBe(
    'my%20pipe+%C3%A9/7/st/1/job/a%20dir/x%20y%231%3F.txt',
  );
});

test('the locator for people has the label instead of the counter and no encoding', () => {
  expect(buildLocator(job)).toBe('my%20pipe+%C3%A9/7/st/1/job');
  expect(buildLocatorForDisplay(job)).toBe('my pipe+é/1.0.7/st/1/job');
});

test('a counter of 0 gives way to the label, and what is blank to "latest"', () => {
  expect(buildLocator({ ...job, pipelineName: 'p', pipelineCounter: 0 })).toBe('p/1.0.7/st/1/job');
  const blank = { ...job, pipelineName: 'p', pipelineCounter: 0, pipelineLabel: ' ', stageCounter: '' };
  expect(buildLocator(blank)).toBe('p/latest/st/latest/job');
  expect(buildLocatorForDisplay(blank)).toBe('p/latest/st/latest/job');
});

test('one leading slash of the path is dropped, and an empty path ends in a slash', () => {
  expect(artifactLocator({ ...job, pipelineName: 'p' }, '/x/y')).toBe('p/7/st/1/job/x/y');
  expect(artifactLocator({ ...job, pipelineName: 'p' }, '')).toBe('p/7/st/1/job/');
});

test('a server reads back what an agent wrote, whatever the names', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('/'));
  const path = fc.array(name).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(name, name, name, fc.nat(), path, (pipelineName, stageName, buildName, counter, file) => {
      const located = { ...job, pipelineName, stageName, buildName, pipelineCounter: counter + 1 };
      expect(parseArtifactLocator(artifactLocator(located, file))).toEqual({
        pipelineName: pipelineName.toWellFormed(),
        pipelineCounter: String(counter + 1),
        stageName: stageName.toWellFormed(),
        stageCounter: '1',
        buildName: buildName.toWellFormed(),
        path: file.toWellFormed(),
      });
    }),
  );
});

test.each(['', 'p/1/s/1', 'p//s/1/job', 'p/1/s/1/job/%zz', 'p/1/s/1/%ff'])('%j is no locator', (locator) => {
  expect(parseArtifactLocator(locator)).toBeUndefined();
});

test('any text is either a locator or none, without an error', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      parseArtifactLocator(text);
      artifactLocator(job, text);
    }),
  );
});
