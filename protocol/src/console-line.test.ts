import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatConsoleLine, formatDateTime, formatTimeOfDay, parseConsoleLine } from './console-line.ts';
import { ConsoleTag } from './console-tag.ts';
import { consoleText } from './console-text.ts';

const at = new Date(2026, 7, 22, 3, 4, 5, 6).getTime();

test('a line is tag, local time in milliseconds, and text', () => {
  expect(formatTimeOfDay(at)).toBe('03:04:05.006');
  expect(formatConsoleLine(ConsoleTag.taskStart, at, consoleText.taskStart('make test all'))).toBe(
    '!!|03:04:05.006 [go] Task: make test all',
  );
});

test('each physical line of a text has the tag and the time', () => {
  expect(formatConsoleLine('pr', at, 'a\nb\n')).toBe(
    'pr|03:04:05.006 a\npr|03:04:05.006 b\npr|03:04:05.006 ',
  );
});

test('the time of a job start has date, seconds and a zone', () => {
  expect(formatDateTime(at)).toMatch(/^2026-08-22 03:04:05 \S+$/);
});

test('what is formatted is parsed, and a line without a tag is text', () => {
  const tag = fc.constantFrom(...Object.values(ConsoleTag));
  const line = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\n'));
  fc.assert(
    fc.property(tag, fc.nat(), line, (sent, ms, text) => {
      const time = formatTimeOfDay(ms);
      expect(parseConsoleLine(formatConsoleLine(sent, ms, text))).toEqual({ tag: sent, time, text });
    }),
  );
  expect(parseConsoleLine('Go cancelled this job')).toEqual({ text: 'Go cancelled this job' });
});

test('no two tags are the same', () => {
  expect(new Set(Object.values(ConsoleTag)).size).toBe(17);
});

test('the texts that the web page of GoCD parses are exact', () => {
  const place = {
    locator: 'up42/1.0.7/up42_stage/1/up42_job',
    hostName: 'build-7',
    home: '/var/lib/go-agent',
  };
  expect(consoleText.startToPrepare(place)).toBe(
    '[go] Start to prepare up42/1.0.7/up42_stage/1/up42_job on build-7 [/var/lib/go-agent]',
  );
  expect(consoleText.taskStatus('failed', 999, 2)).toBe('[go] Task status: failed (999 ms) (exit code: 2)');
  expect(consoleText.taskStatus('passed', 123)).toBe('[go] Task status: passed (123 ms)');
  expect(consoleText.currentJobStatus('cancelled')).toBe('[go] Current job status: cancelled');
  expect(consoleText.cancelTaskStart('Kills child processes')).toBe(
    '[go] On Cancel Task: Kills child processes',
  );
  expect(consoleText.uploading('/a/b', '')).toBe('[go] Uploading artifacts from /a/b to [defaultRoot]');
  expect(consoleText.uploadsFailed(['a', 'b'])).toBe('[go] Uploading finished. Failed to upload [a][b].');
});
