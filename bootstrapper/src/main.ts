#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { ExitCode } from '@go-agent/protocol/launch-contract';
import { describeError, systemClock } from '@go-agent/runtime/core';
import type { CommandContext } from './commands/context.ts';
import { findInstallation } from './installation.ts';
import { processSignals } from './process-signals.ts';
import { runEntry } from './run-entry.ts';
import { version } from './version.ts';

/** For what a run has begun, and would end by itself. */
const LAST_MS = 5000;

async function main(args: readonly string[]): Promise<void> {
  const [command, entryFile] = args;
  if (command === '__run' && entryFile !== undefined) {
    // The arguments as if Node had been started with the entry file.
    process.argv.splice(1, 2);
    return runEntry(entryFile);
  }
  // Before all that takes time: a service manager may change its mind at any moment.
  const context = makeContext(command);
  // Loaded only now: an agent process, which is started by the lines above, pays nothing for the operator's commands.
  const { runProgram } = await import('./commands/program.ts');
  process.exitCode = await runProgram(context, args);
  // A launcher's thread that hangs in the system, such as on a network folder that has gone, cannot be ended, and an exit waits for it.
  // oxlint-disable-next-line no-restricted-globals -- must not itself keep the process, as a sleep of the clock would
  if (command === 'run') setTimeout(() => process.kill(process.pid, 'SIGKILL'), LAST_MS).unref();
  // A look-up that hangs, such as one of a name, cannot be called off, and would keep the process.
  if (command === 'doctor') process.stdout.write('', () => process.exit());
}

function makeContext(command: string | undefined): CommandContext {
  return {
    clock: systemClock,
    ...findInstallation(fileURLToPath(import.meta.url), process.execPath),
    version,
    environment: process.env,
    cwd: process.cwd(),
    print: (line) => console.log(line),
    printError: (line) => console.error(line),
    interactive: process.stdout.isTTY === true,
    ...processSignals({ hangUp: command === 'run' }),
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
