import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { ensureBuilt } from '../../../scripts/build.ts';
import { endLeftovers } from './end-leftovers.ts';
import { freePort } from './free-port.ts';
import { type SystemOptions, TestSystem } from './test-system.ts';

/** Starts a server and its agents, and resolves when the agents are idle (or known, without auto-registration). */
export async function startSystem(options: SystemOptions = {}): Promise<TestSystem> {
  const { agents = 1, autoRegister = true } = options;
  const built = await ensureBuilt();
  const resources = new AsyncDisposableStack();
  try {
    const folder = resources.use(await tempDir()).path;
    resources.defer(() => endLeftovers(folder));
    for (const name of ['user', 'pipelines']) await mkdir(join(folder, name));
    // Copies: another build must not change what runs here.
    await cp(join(built.dist, 'go-agent'), join(folder, 'go-agent'), { recursive: true });
    await cp(built.bundles, join(folder, 'bundles'), { recursive: true });
    const system = new TestSystem(folder, await freePort(), options, resources);
    system.repository.commit({ 'README.md': 'A scenario\n' }, 'first');
    await system.server.start();
    await system.events.open();
    for (let i = 0; i < agents; i++) await system.addAgent().run();
    for (const agent of system.agents)
      await (autoRegister ? system.waitForIdle(agent) : system.waitForAgent(agent, () => true));
    return system;
  } catch (error) {
    await resources.disposeAsync().catch((also: unknown) => {
      throw new SuppressedError(also, error);
    });
    throw error;
  }
}
