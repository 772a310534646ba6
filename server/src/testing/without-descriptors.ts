import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const USE_UP = `
const { openSync } = await import('node:fs');
try { for (;;) openSync('/dev/null', 'r'); } catch {}
`;

/**
 * What a process prints that has loaded some modules, and then has no file descriptor left.
 * @param modules by the name under which `code` knows them: their URLs
 */
export async function withoutDescriptors(
  modules: Readonly<Record<string, string>>,
  code: string,
): Promise<string> {
  const imports = Object.entries(modules).map(([name, url]) => `const ${name} = await import('${url}');`);
  const script = [...imports, USE_UP, code].join('\n');
  const node = [process.execPath, '--input-type=module', '-e', script];
  const { stdout } = await promisify(execFile)('sh', ['-c', 'ulimit -n 256 && exec "$@"', 'sh', ...node]);
  return stdout;
}
