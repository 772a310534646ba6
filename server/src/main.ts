import { text } from 'node:stream/consumers';
import { systemClock } from '@go-agent/runtime';
import { runCli } from './cli/cli.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // The second one ends the process at once, as without a handler.
  process.once(signal, () => stop.abort(new Error(`Received ${signal}`)));
}
const args = process.argv.slice(2);
for (const stream of [process.stdout, process.stderr]) {
  // Nobody reads any more: no reason for a server to stop, but for all that only prints.
  stream.on('error', (error) => {
    if (args[0] !== 'start') stop.abort(error);
  });
}

const exitCode = await runCli(args, {
  env: process.env,
  cwd: process.cwd(),
  pid: process.pid,
  clock: systemClock,
  stop: stop.signal,
  readInput: () => text(process.stdin),
  out: (line) => process.stdout.write(line),
  err: (line) => process.stderr.write(line),
});
// Written text must be out before the process goes.
for (const stream of [process.stdout, process.stderr])
  await new Promise((resolve) => stream.write('', resolve));
process.exit(exitCode);
