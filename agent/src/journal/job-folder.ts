import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@go-agent/runtime/core';
import { type Assignment, JOURNAL } from './format.ts';

/** The folder of jobs in an agent's home. */
function jobsFolder(home: string): string {
  return join(home, 'jobs');
}

/**
 * Creates `jobs/<buildId>/` (0700) with its assignment (0600). Left-overs of an earlier run of the same build id (the server gives a
 * job to the same agent again) are removed first. Whole or not there if this process is killed. Nothing is forced to the disk here,
 * for a job waits for this: after a power cut a job that has not begun is not begun (its boot id is another one), and the server
 * gives it out again; what has begun is forced to the disk by the host (JournalWriter.begin).
 * @returns the absolute path of the folder
 * @throws what the system reports; then nothing is left of it
 */
export function createJobFolder(home: string, assignment: Assignment): string {
  const folder = join(jobsFolder(home), String(assignment.buildId));
  rmSync(folder, { recursive: true, force: true });
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, JOURNAL.assignment);
    writeFileSync(`${path}.new`, JSON.stringify(assignment), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch (error) {
    // Half of it has secrets in it, and is no job.
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

/** What the journal of a small job takes. */
const TRIAL_BYTES = 64 * 1024;

/** Whether a journal can be written here now. @throws what the system reports, such as ENOSPC or EDQUOT */
export async function tryJobsFolder(home: string): Promise<void> {
  const jobs = jobsFolder(home);
  const trial = join(jobs, 'trial');
  await mkdir(jobs, { recursive: true, mode: 0o700 });
  try {
    await writeFile(trial, Buffer.alloc(TRIAL_BYTES), { flush: true });
  } finally {
    await rm(trial, { force: true });
  }
}

/**
 * Synchronous, since a job waits for it, and a thread of the pool would be three ways longer.
 * @throws AppError journal-version, journal-damaged; the system's error if there is no such file
 */
export function readAssignment(folder: string): Assignment {
  const path = join(folder, JOURNAL.assignment);
  const text = readFileSync(path, 'utf8');
  let value: Partial<Assignment>;
  try {
    value = JSON.parse(text) as Partial<Assignment>;
  } catch (cause) {
    throw new AppError('journal-damaged', `${path} is not JSON; remove ${folder} to give the job up`, {
      cause,
    });
  }
  if (value.version !== 1) {
    const found = String(value.version);
    throw new AppError('journal-version', `${path} has version ${found}; this agent knows version 1 only`);
  }
  if (typeof value.buildId !== 'number' || value.work === undefined || value.agent === undefined) {
    throw new AppError('journal-damaged', `${path} lacks the work; remove ${folder} to give the job up`);
  }
  return value as Assignment;
}

/** Absolute paths of all job folders, oldest build id first. An entry that is no build id is left alone. */
export async function listJobFolders(home: string): Promise<readonly string[]> {
  const jobs = jobsFolder(home);
  const names = await readdir(jobs).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const ids = names.filter((name) => /^\d+$/.test(name)).toSorted((a, b) => Number(a) - Number(b));
  return ids.map((id) => join(jobs, id));
}

/** Removes a delivered job. The assignment goes first: a folder without one is rubbish, never work. */
export async function removeJobFolder(folder: string): Promise<void> {
  await rm(join(folder, JOURNAL.assignment), { force: true });
  await rm(folder, { recursive: true, force: true });
}
