import { appendFile, mkdir, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '@go-agent/runtime/core';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { readDelivered, writeDelivered } from './delivered-file.ts';
import { JOURNAL } from './format.ts';
import { createJobFolder, listJobFolders, readAssignment, removeJobFolder } from './job-folder.ts';
import { JournalReader } from './journal-reader.ts';
import { JournalWriter } from './journal-writer.ts';
import { socketAddress } from './socket-address.ts';
import { sampleAssignment } from './testing/sample-assignment.ts';

const clock = { ...systemClock, now: () => 1000 };

test('an event carries the time and the length of the console written before it', async () => {
  await using home = await tempDir();
  await using writer = await JournalWriter.open({ folder: home.path, clock });
  const reader = new JournalReader(home.path);
  expect(await reader.readEvents()).toEqual([]);

  const writes = [writer.appendConsole(Buffer.from('pr|one\n')), writer.appendEvent({ type: 'preparing' })];
  await Promise.all([...writes, writer.appendConsole(Buffer.from('&1|two\n'))]);

  expect(await reader.readEvents()).toEqual([{ at: 1000, console: 7, type: 'preparing' }]);
  expect(await reader.consoleLength()).toBe(14);
  expect(String(await reader.readConsole(3, 10))).toBe('one\n&1|');
  const fresh = new JournalReader(home.path);
  await Promise.all([fresh.readEvents(), fresh.readEvents()]);
  expect(fresh.events).toHaveLength(1);
  expect(writer.progress).toEqual({ type: 'progress', console: 14, events: 1 });
});

test('a reader waits for the rest of a torn last line, and a new writer cuts it off', async () => {
  await using home = await tempDir();
  const path = join(home.path, JOURNAL.events);
  await writeFile(path, '{"at":1,"console":0,"type":"preparing"}\n{"at":2,"cons');
  const reader = new JournalReader(home.path);
  expect(await reader.readEvents()).toHaveLength(1);

  await using writer = await JournalWriter.open({ folder: home.path, clock });
  await writer.appendEvent({ type: 'completed', result: 'Failed', reason: 'gone' });
  const events = await reader.readEvents();
  expect(events.map((event) => event.type)).toEqual(['preparing', 'completed']);
  expect(writer.progress.events).toBe(2);
});

test('a damaged line in the middle is named with its file and number', async () => {
  await using home = await tempDir();
  await appendFile(join(home.path, JOURNAL.events), '{"at":1,"console":0,"type":"preparing"}\nnonsense\n');
  const reading = new JournalReader(home.path).readEvents();
  await expect(reading).rejects.toMatchObject({
    code: 'journal-damaged',
    message: expect.stringContaining('line 2'),
  });
});

test('a job folder is private, is listed by build id, and goes when removed', async () => {
  await using home = await tempDir();
  const folder = createJobFolder(home.path, sampleAssignment({ home: home.path, buildId: 10 }));
  const other = createJobFolder(home.path, sampleAssignment({ home: home.path, buildId: 9 }));
  await mkdir(join(home.path, 'jobs', 'not-a-build'));
  expect(await listJobFolders(home.path)).toEqual([other, folder]);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(join(folder, JOURNAL.assignment))).mode & 0o777).toBe(0o600);
  expect(readAssignment(folder).work.assignment.jobIdentifier.buildId).toBe(10);
  await removeJobFolder(folder);
  expect(await listJobFolders(home.path)).toEqual([other]);
});

test('an assignment of a later version is refused by name', async () => {
  await using home = await tempDir();
  await writeFile(join(home.path, JOURNAL.assignment), '{"version":2}');
  expect(() => readAssignment(home.path)).toThrow(expect.objectContaining({ code: 'journal-version' }));
});

test('what was delivered is nothing at first, and what was written last after that', async () => {
  await using home = await tempDir();
  expect(await readDelivered(home.path)).toEqual({ console: 0, events: 0 });
  await writeDelivered(home.path, { console: 5, events: 1 });
  await writeDelivered(home.path, { console: 9, events: 1 });
  expect(await readDelivered(home.path)).toEqual({ console: 9, events: 1 });
});

test('a socket can be reached in a folder that is too deep for its name', async () => {
  await using home = await tempDir();
  const folder = join(home.path, 'x'.repeat(120));
  await mkdir(folder);
  await using address = await socketAddress(folder, JOURNAL.hostSocket);
  await using server = createServer((socket) => socket.end('hello'));
  await new Promise<void>((resolve) => server.listen(address.path, resolve));
  await using client = await socketAddress(folder, JOURNAL.hostSocket);
  const chunks = await connect(client.path).toArray();
  expect(Buffer.concat(chunks).toString()).toBe('hello');
});

const started = (pid: number) =>
  ({
    type: 'started',
    host: { pid, startTime: 1 },
    bootId: 'b',
    containment: 'session',
    container: { marker: 'm', leaders: [] },
  }) as const;

test('of two hosts that are given the same job, one claims it and the other is told', async () => {
  await using home = await tempDir();
  const options = { folder: home.path, clock };
  await using first = JournalWriter.begin(options, started(1));
  expect(() => JournalWriter.begin(options, started(2))).toThrow(
    expect.objectContaining({ code: 'journal-claimed' }),
  );
  await first.appendEvent({ type: 'preparing' });
  const events = await new JournalReader(home.path).readEvents();
  expect(events).toMatchObject([{ type: 'started', host: { pid: 1 } }, { type: 'preparing' }]);
});

test('of a console that is not there yet, nothing is read', async () => {
  await using home = await tempDir();
  const reader = new JournalReader(home.path);
  expect(await reader.consoleLength()).toBe(0);
  expect(await reader.readConsole(0, 0)).toHaveLength(0);
});

test('a job is taken away from its host for good, also twice, but not once it has begun', async () => {
  await using home = await tempDir();
  const folderOf = (buildId: number) =>
    createJobFolder(home.path, sampleAssignment({ home: home.path, buildId }));
  const [begun, late] = [folderOf(1), folderOf(2)];
  await using writer = JournalWriter.begin({ folder: begun, clock }, started(1));
  expect(await JournalWriter.forestall(begun)).toBe(false);
  await writer.appendEvent({ type: 'preparing' });
  expect(await new JournalReader(begun).readEvents()).toHaveLength(2);
  expect(await JournalWriter.forestall(late)).toBe(true);
  expect(await JournalWriter.forestall(late)).toBe(true);
  expect(() => JournalWriter.begin({ folder: late, clock }, started(2))).toThrow(
    expect.objectContaining({ code: 'journal-claimed' }),
  );
});
