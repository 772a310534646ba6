import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { check, fail, ok, skipped } from '../check.ts';

interface FileFacts {
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
}

interface PermissionFacts {
  readonly home: FileFacts | undefined;
  readonly secrets: readonly FileFacts[];
  readonly folders: readonly FileFacts[];
}

export const permissionsCheck = check({
  name: 'permissions',
  about: 'who may read the identity and the keys of the agent, and whose its folders are',
  async look({ home, settings }): Promise<PermissionFacts> {
    const keys = [settings['auto-register-key-file'], settings['ssl-private-key-file']];
    const config = ['token', 'guid.txt', 'autoregister.properties'].map((name) => join(home, 'config', name));
    const secrets = [...config, ...keys.filter((path) => path !== undefined)];
    const folders = ['config', 'data', 'jobs', 'logs'].map((name) => join(home, name));
    return { home: await facts(home), secrets: await allFacts(secrets), folders: await allFacts(folders) };
  },
  judge({ home, secrets, folders }) {
    if (process.platform === 'win32') return skipped('this system has no permission bits');
    const open = secrets.filter(({ path, mode }) => (mode & 0o077) !== 0 && !isGuid(path));
    const written = secrets.filter(({ mode }) => (mode & 0o022) !== 0);
    const exposed = [...new Set([...open, ...written])];
    if (exposed.length > 0) {
      const shown = exposed.map(({ path, mode }) => `${path} (mode ${mode.toString(8)})`).join(', ');
      return fail(
        `others may read or write ${shown}`,
        `chmod 600 ${exposed.map(({ path }) => path).join(' ')}`,
      );
    }
    const strange = folders.filter(({ uid }) => home !== undefined && uid !== home.uid);
    if (home !== undefined && strange.length > 0) {
      const shown = strange.map(({ path, uid }) => `${path} belongs to user ${uid}`).join(', ');
      return fail(
        `${shown}, the home folder to user ${home.uid}: the agent once ran as somebody else`,
        `chown -R ${home.uid} ${strange.map(({ path }) => path).join(' ')}`,
      );
    }
    return ok('only the agent itself can read its token and keys');
  },
});

/** It names an agent, and opens nothing without the token. */
function isGuid(path: string): boolean {
  return path.endsWith('guid.txt');
}

async function facts(path: string): Promise<FileFacts | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  return found && { path, mode: found.mode & 0o777, uid: found.uid };
}

async function allFacts(paths: readonly string[]): Promise<FileFacts[]> {
  return (await Promise.all(paths.map(facts))).filter((found) => found !== undefined);
}
