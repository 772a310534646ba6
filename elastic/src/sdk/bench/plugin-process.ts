// A plugin as a process, started as the server starts it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { decodePluginManifest, type PluginManifest } from '@go-agent/protocol/elastic';
import { systemClock } from '@go-agent/runtime/core';

/** What is at the other end of the messages: a process, or a provider in this one. */
export interface PluginEnd extends AsyncDisposable {
  /** Where messages come from, and where they go to. */
  readonly messages: { readonly from: Readable; readonly to: Writable };
  /** All that it has written to its standard error. */
  errors(): string;
  /** Ends it without a word. */
  crash(): Promise<void>;
  /** Closes its standard input. Resolves to whether it ended in time. */
  hangUp(timeoutMs: number): Promise<boolean>;
}

/** @throws Error if there is no whole `plugin.json` in the folder */
export async function readManifest(folder: string): Promise<PluginManifest> {
  const path = join(folder, 'plugin.json');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`There is no ${path}. Name the folder that has the plugin's plugin.json in it`, {
      cause,
    });
  });
  return decodePluginManifest(JSON.parse(text));
}

export function startPlugin(
  folder: string,
  manifest: PluginManifest,
  environment: Readonly<Record<string, string | undefined>>,
): PluginEnd {
  const fill = (text: string) => text.replaceAll('${node}', process.execPath).replaceAll('${plugin}', folder);
  const [first = '', ...args] = manifest.command.map(fill);
  const passed = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', ...manifest.passEnvironment];
  const child = spawn(first.startsWith('./') ? join(folder, first) : first, args, {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...Object.fromEntries(
        passed.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
      ),
      ...Object.fromEntries(Object.entries(manifest.environment).map(([name, value]) => [name, fill(value)])),
    },
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  child.on('error', (error) => {
    errors += `${error.message}\n`;
  });
  // Whatever is written to a plugin that has gone is lost.
  child.stdin.on('error', () => undefined);
  return {
    messages: { from: child.stdout, to: child.stdin },
    errors: () => errors,
    crash: () => end(child, 'SIGKILL'),
    async hangUp(timeoutMs) {
      if (hasEnded(child)) return true;
      const ended = once(child, 'exit');
      child.stdin.end();
      const inTime = new AbortController();
      const late = systemClock.sleep(timeoutMs, inTime.signal);
      const result = await Promise.race([ended.then(() => true), late.then(() => false)]);
      inTime.abort();
      if (!result) await end(child, 'SIGKILL');
      return result;
    },
    [Symbol.asyncDispose]: () => end(child, 'SIGKILL'),
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}
