import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { tempDir } from '../testing/temp-dir.ts';

const MODULE = JSON.stringify(import.meta.resolve('./core-dump.ts'));
const FILTER = '/proc/self/coredump_filter';

async function runProgram(lines: readonly string[], shell = '', cwd = '/'): Promise<string> {
  const program = [
    "import { execFileSync } from 'node:child_process';",
    `import { keepMemoryOutOfCoreDumps, withFullCoreDump } from ${MODULE};`,
    ...lines,
  ].join('\n');
  const script = `${shell} exec "$0" --input-type=module -e "$1"`;
  const ended = promisify(execFile)('/bin/sh', ['-c', script, process.execPath, program], { cwd });
  return (await ended.catch(({ stdout }: { stdout: string }) => ({ stdout }))).stdout;
}

test.runIf(process.platform === 'linux')(
  'a process keeps its memory out of core files, and hands down what it was given itself',
  async () => {
    const own = (await readFile(FILTER, 'utf8')).trim();
    const show = (name: string, call: string) => `console.log('${name}', ${call}.toString().trim());`;
    const cat = `execFileSync('cat', ['${FILTER}'])`;
    const output = await runProgram([
      'keepMemoryOutOfCoreDumps();',
      'keepMemoryOutOfCoreDumps();',
      show('plain', cat),
      show('full', `withFullCoreDump(() => ${cat})`),
      show('again', cat),
    ]);
    expect(output).toBe(`plain 00000000\nfull ${own}\nagain 00000000\n`);
  },
);

const pattern = await readFile('/proc/sys/kernel/core_pattern', 'utf8').catch(() => '|');

// Skipped where core files go to a program, or to a folder of the system's.
test.runIf(/^[^|/]+$/.test(pattern.trim()))('a secret in memory is not in the core file', async () => {
  await using dir = await tempDir();
  const folder = join(dir.path, 'crash');
  await mkdir(folder);
  const secret = Buffer.from('kept in memory only');
  await runProgram(
    [
      'keepMemoryOutOfCoreDumps();',
      `globalThis.secret = Buffer.from('${secret.toString('base64')}', 'base64').toString();`,
      "process.kill(process.pid, 'SIGSEGV');",
      'await new Promise((resolve) => process.on("exit", resolve));',
    ],
    'ulimit -c unlimited;',
    folder,
  );
  // Where the hard limit forbids core files there is none.
  const cores = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
  expect(cores.filter((core) => core.includes(secret))).toEqual([]);
});
