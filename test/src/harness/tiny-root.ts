import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A root folder with these programs and the libraries that they need, taken from this machine. Nothing else is in it. */
export function makeTinyRoot(root: string, programs: readonly string[]): void {
  for (const folder of ['usr/bin', 'etc', 'tmp']) mkdirSync(join(root, folder), { recursive: true });
  symlinkSync('usr/bin', join(root, 'bin'));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  const put = (path: string) => {
    const target = join(root, path);
    if (existsSync(target)) return;
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(realpathSync(path), target);
  };
  for (const program of programs) {
    const path = program.includes('/') ? program : join('/usr/bin', program);
    put(path);
    for (const [library] of output('ldd', path).matchAll(/\/[^\s]+/g)) put(library);
  }
}

function output(command: string, ...args: string[]): string {
  return spawnSync(command, args, { encoding: 'utf8' }).stdout;
}
