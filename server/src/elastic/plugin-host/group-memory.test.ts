import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { groupMemory } from './group-memory.ts';

const MEBIBYTE = 1024 * 1024;
/** Takes so many MiB, says so, and lives until its input ends. */
const TAKE =
  'const held = Buffer.alloc(process.argv[1] << 20, 1); process.stdin.resume().on("end", () => held.length); console.log("took");';
/** The same, in a session of its own. */
const PART = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(TAKE)}, '200'], { detached: true, stdio: 'inherit' });`;

/** A process group, when it has what it wants. */
async function group(script: string, code: string) {
  const child = spawn('/bin/sh', ['-c', script, process.execPath, code], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    memory: async () => ((await groupMemory(child.pid ?? 0)) ?? 0) / MEBIBYTE,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await once(child, 'close');
    },
  };
}

test.skipIf(process.platform !== 'linux')(
  'all processes of a group count, also those whose parent has ended',
  async () => {
    // The end of a pipe keeps what runs behind alive.
    await using it = await group('("$0" -e "$1" 100 <&3 &) 3<&0; exec cat', TAKE);
    expect(await it.memory()).toBeGreaterThan(100);
  },
);

test.skipIf(process.platform !== 'linux')(
  'what left the group, as an agent does, does not count; nor does a group that is gone',
  async () => {
    await using it = await group('exec "$0" -e "$1"', PART);
    expect(await it.memory()).toBeGreaterThan(10);
    expect(await it.memory()).toBeLessThan(200);
    expect(await groupMemory(2 ** 30)).toBeUndefined();
  },
);
