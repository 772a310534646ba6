// The docker provider on a Podman of the bench's own, with go-agent in an image made of this machine's files.
import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tempDir } from '@go-agent/runtime/testing';
import { startPodman } from '../../elastic/src/testing/podman.ts';
import { ensureBuilt } from '../../scripts/build.ts';
import type { Making } from '../../test/src/elastic/elastic-system.ts';
import { makeTinyRoot } from '../../test/src/harness/tiny-root.ts';

const run = promisify(execFile);
const IMAGE = 'localhost/go-agent-bench:1';

export interface PodmanCluster extends AsyncDisposable {
  readonly making: Making;
  /** How it stores layers. */
  readonly driver: string;
}

/** With overlay, a container begins without a copy of its image; where that cannot be, each has a copy. */
export async function openPodmanCluster(): Promise<PodmanCluster> {
  const resources = new AsyncDisposableStack();
  try {
    const folder = resources.use(await tempDir()).path;
    const archive = await packAgent(folder);
    const driver = (await canOverlay(folder)) ? 'overlay' : 'vfs';
    const engine = resources.use(await startPodman(folder, driver));
    await engine.podman('import', '--quiet', archive, IMAGE);
    return {
      driver,
      making: {
        provider: 'docker',
        cluster: { docker_uri: engine.uri, pull: 'never', stop_grace: '5s' },
        profile: {
          image: IMAGE,
          command: [process.execPath, '/opt/go-agent/go-agent.mjs', 'run', '--home', '/var/agent'].join('\n'),
          networks: 'host',
          init: 'false',
        },
      },
      [Symbol.asyncDispose]: () => resources.disposeAsync(),
    };
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}

/** An archive of a root folder with Node, go-agent as it is installed, and what the job runs. */
async function packAgent(folder: string): Promise<string> {
  const { goAgent } = await ensureBuilt();
  const root = join(folder, 'agent-root');
  makeTinyRoot(root, ['sh', 'date', process.execPath]);
  for (const name of ['proc', 'dev', 'sys', 'var']) await mkdir(join(root, name), { recursive: true });
  await cp(join(goAgent, '..'), join(root, 'opt', 'go-agent'), { recursive: true });
  const archive = join(folder, 'agent.tar');
  await run('tar', ['-C', root, '-cf', archive, '.']);
  return archive;
}

async function canOverlay(folder: string): Promise<boolean> {
  const at = (name: string) => join(folder, `layer-${name}`);
  for (const name of ['lower', 'upper', 'work', 'merged']) await mkdir(at(name));
  const layers = `lowerdir=${at('lower')},upperdir=${at('upper')},workdir=${at('work')}`;
  try {
    await run('mount', ['-t', 'overlay', '-o', layers, 'overlay', at('merged')]);
    await run('umount', [at('merged')]);
    return true;
  } catch {
    return false;
  }
}
