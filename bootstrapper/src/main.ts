#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { ExitCode } from '@go-agent/protocol/launch-contract';
import { describeError, systemClock } from '@go-agent/runtime/core';
import type { CommandContext } from './commands/context.ts';
import { findInstallation } from './installation.ts';
import { runEntry } from './run-entry.ts';
import { version } from './version.ts';

async function main(args: readonly string[]): Promise<void> {
  const [command, entryFile] = args;
  if (command === '__run' && entryFile !== undefined) {
    // The arguments as if Node had been started with the entry file.
    process.argv.splice(1, 2);
    return runEntry(entryFile);
  }
  // Loaded only now: an agent process, which is started by the lines above, pays nothing for the operator's commands.
  const { runProgram } = await import('./commands/program.ts');
  process.exitCode = await runProgram(makeContext(), args);
  // A look-up that hangs, such as one of a name, cannot be called off, and would keep the process.
  if (command === 'doctor') process.stdout.write('', () => process.exit());
}

function makeContext(): CommandContext {
  const stop = new AbortController();
  const kill = new AbortController();
  let taken: Parameters<CommandContext['takeSignals']>[0] | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (taken === undefined) (stop.signal.aborted ? kill : stop).abort(new Error(`Received ${signal}`));
      else taken(signal);
    });
  }
  return {
    clock: systemClock,
    ...findInstallation(fileURLToPath(import.meta.url), process.execPath),
    version,
    environment: process.env,
    cwd: process.cwd(),
    print: (line) => console.log(line),
    printError: (line) => console.error(line),
    interactive: process.stdout.isTTY === true,
    takeSignals(handler) {
      taken = handler;
      process.on('SIGHUP', () => handler('SIGHUP'));
    },
    stop: stop.signal,
    kill: kill.signal,
    announce(message) {
      // Whoever started this process may have stopped listening.
      if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
    },
  };
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`go-agent: ${describeError(error)}`);
  process.exitCode = ExitCode.failed;
});
