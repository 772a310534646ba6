import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import type { AgentShape } from './api-shapes.ts';
import { serveFolder } from './file-server.ts';
import { shellTask, stageOf } from './pipeline-words.ts';
import { startSystem } from './start-system.ts';
import { type SystemdMachine, startMachine } from './systemd-machine.ts';
import type { TestSystem } from './test-system.ts';

/** Home of an agent that a package or cloud-init has set up. */
export const SERVICE_HOME = '/var/lib/go-agent';

/** A server without agents, and a machine with systemd that reaches it over loopback. */
export interface MachineScenario extends AsyncDisposable {
  readonly system: TestSystem;
  readonly machine: SystemdMachine;
  /** The server's key for automatic registration. */
  readonly key: string;
  /** Puts a file onto a web server, and returns its address. */
  publish(file: string): string;
  /** Puts a file into the machine, and returns its path there. */
  bring(file: string): string;
  /** Resolves when the machine's agent is idle. */
  idleAgent(): Promise<AgentShape>;
  /** Runs a job on the machine's agent, from a checkout over HTTP. Resolves when it has passed. */
  runJob(name: string, ...scripts: string[]): Promise<void>;
}

export async function startMachineScenario(): Promise<MachineScenario> {
  const resources = new AsyncDisposableStack();
  try {
    const folder = resources.use(await tempDir()).path;
    const system = resources.use(await startSystem({ agents: 0 }));
    const web = resources.use(await serveFolder(system.folder));
    const machine = resources.use(await startMachine(folder));
    return {
      system,
      machine,
      key: readFileSync(system.server.keyFile, 'utf8').trim(),
      publish(file) {
        copyFileSync(file, join(system.folder, basename(file)));
        return `${web.url}/${basename(file)}`;
      },
      bring(file) {
        copyFileSync(file, join(machine.root, 'srv', basename(file)));
        return `/srv/${basename(file)}`;
      },
      idleAgent: () =>
        system.wait(
          async () => {
            const all = await system.agentShapes();
            // Its version it says with its first ping.
            return all.find(
              (shape) =>
                shape.sandbox === SERVICE_HOME &&
                shape.display_state === 'idle' &&
                shape.agent_version !== '',
            );
          },
          { timeoutMs: 120_000, describe: "the machine's agent to be idle" },
        ),
      async runJob(name, ...scripts) {
        execFileSync('git', ['update-server-info'], { cwd: system.repository.path });
        const git = `${web.url}/repository/.git`;
        await system.definePipeline(
          name,
          [
            stageOf(
              'only',
              'one',
              scripts.map((script) => shellTask(script)),
            ),
          ],
          {
            materials: { code: { git, branch: 'main', auto_update: false } },
          },
        );
        await system.waitForPass(name, await system.trigger(name), 'only');
      },
      [Symbol.asyncDispose]: () => resources.disposeAsync(),
    };
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}
