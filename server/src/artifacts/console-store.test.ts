import { appendFile, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { smallDisk, tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { JOB } from '../testing/scripted-core.ts';
import { ConsoleStore } from './console-store.ts';
import { JobFolders } from './job-folders.ts';

const body = (text: string) => Readable.from([Buffer.from(text)]);

test("the server's own lines do not disturb the agent's offsets, also after a restart", async () => {
  await using folder = await tempDir();
  const folders = new JobFolders(folder.path);
  await folders.make();
  {
    await using store = new ConsoleStore(folders);
    await store.append(JOB, body('one\n'), 0);
    await store.note(JOB, 'not responding');
    expect(await store.append(JOB, body('one\ntwo\n'), 0)).toEqual({ type: 'appended', size: 8 });
  }
  // As after a crash between the record and the line.
  await appendFile(`${folders.runningConsole(JOB)}.notes`, '23 100\n');
  await using store = new ConsoleStore(folders);
  expect(await store.append(JOB, body('three\n'), 8)).toEqual({ type: 'appended', size: 14 });
  await store.seal(JOB);
  expect(await store.append(JOB, body('end\n'), 14)).toEqual({ type: 'appended', size: 18 });
  expect(await readFile(folders.console(JOB), 'utf8')).toBe('one\nnot responding\ntwo\nthree\nend\n');
});

test("a line of the server's that finds no room leaves nothing behind, and the agent's bytes stay whole", async ({
  skip,
}) => {
  await using disk = await smallDisk('1m');
  if (disk === undefined) return skip('file systems cannot be mounted here');
  const folders = new JobFolders(disk.path);
  await folders.make();
  {
    await using store = new ConsoleStore(folders);
    await store.append(JOB, body('one\n'), 0);
    await store.note(JOB, 'not responding');
    await writeFile(join(disk.path, 'filler'), Buffer.alloc(1024 * 1024)).catch(() => undefined);
    // Its beginning fits into what the file has of the disk.
    await expect(store.note(JOB, 'x'.repeat(20_000))).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await store.append(JOB, body('two, longer than the note\n'), 4)).toEqual({
      type: 'appended',
      size: 30,
    });
  }
  await using store = new ConsoleStore(folders);
  expect(await store.append(JOB, body('three\n'), 30)).toEqual({ type: 'appended', size: 36 });
  expect(await readFile(folders.runningConsole(JOB), 'utf8')).toBe(
    'one\nnot responding\ntwo, longer than the note\nthree\n',
  );
});

test("after a power cut in the middle of the server's line or of its record the agent's bytes are counted right", async () => {
  await using folder = await tempDir();
  const folders = new JobFolders(folder.path);
  await folders.make();
  const log = folders.runningConsole(JOB);
  const torn = async (notes: string, console: string) => {
    await writeFile(`${log}.notes`, notes);
    await writeFile(log, console);
    await using store = new ConsoleStore(folders);
    const { size } = await store.append(JOB, body(''));
    await store.note(JOB, 'later');
    return size;
  };
  // The record says 15 bytes, 6 of them are there.
  expect(await torn('4 15\n', 'one\nnot re')).toBe(4);
  // A record of which only the beginning is there is none.
  expect(await torn('4 15\n19 1', 'one\nnot responding\ntwo\n')).toBe(8);
  expect(await readFile(`${log}.notes`, 'utf8')).toBe('4 15\n23 6\n');
});

test('a log that lost its end, or all of it, is filled again from where it ends, before and after it was sealed', async () => {
  await using folder = await tempDir();
  const folders = new JobFolders(folder.path);
  await folders.make();
  {
    await using store = new ConsoleStore(folders);
    await store.append(JOB, body('abcdef'), 0);
    await store.note(JOB, 'note');
  }
  await truncate(folders.runningConsole(JOB), 2);
  {
    await using store = new ConsoleStore(folders);
    expect(await store.append(JOB, body(''), 6)).toEqual({ type: 'gap', size: 2 });
    expect(await store.append(JOB, body('cdef'), 2)).toEqual({ type: 'appended', size: 6 });
  }
  await rm(folders.runningConsole(JOB));
  await using store = new ConsoleStore(folders);
  await store.seal(JOB);
  expect(await store.append(JOB, body(''), 6)).toEqual({ type: 'gap', size: 0 });
  expect(await store.append(JOB, body('abcdef'), 0)).toEqual({ type: 'appended', size: 6 });
  expect(await readFile(folders.console(JOB), 'utf8')).toBe('abcdef');
});
