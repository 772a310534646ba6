import type { CommandContext } from './commands/context.ts';

const ENDING = ['SIGTERM', 'SIGINT'] as const;

/**
 * What signals, and an output that is closed, mean to a command from now on. A signal that comes before somebody takes them is
 * kept for whoever does.
 * @param hangUp SIGHUP is taken as well; else it does what it does to any process
 */
export function processSignals({
  hangUp,
}: {
  readonly hangUp: boolean;
}): Pick<CommandContext, 'takeSignals' | 'stop' | 'kill'> {
  const stop = new AbortController();
  const kill = new AbortController();
  type Handler = Parameters<CommandContext['takeSignals']>[0];
  const early: Parameters<Handler>[0][] = [];
  let handle: Handler = (signal) => {
    early.push(signal);
    if (signal !== 'SIGHUP') (stop.signal.aborted ? kill : stop).abort(new Error(`Received ${signal}`));
  };
  for (const signal of hangUp ? ([...ENDING, 'SIGHUP'] as const) : ENDING)
    process.on(signal, () => handle(signal));
  // Nobody reads any more, or the terminal has gone: whoever takes the signals is told of that by a signal, and goes on without.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', (error) => stop.abort(error));
  return {
    takeSignals(handler) {
      handle = handler;
      for (const signal of early.splice(0)) handler(signal);
    },
    stop: stop.signal,
    kill: kill.signal,
  };
}
