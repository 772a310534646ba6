import type { Clock } from './clock.ts';

/** An activity with a life of its own. There is no start/stop pair: starting is calling `run`. */
export interface Service {
  readonly name: string;
  /** Resolves once `signal` is aborted and its own work is ended; rejects if it cannot go on. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Runs all services until `signal` is aborted or the first of them ends or fails, then aborts the others and waits for all.
 * @throws the failure of the first service that failed; several failures as an AggregateError.
 */
export async function runServices(services: readonly Service[], signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const all = AbortSignal.any([signal, stop.signal]);
  const failures: unknown[] = [];
  await Promise.all(
    services.map(async (service) => {
      try {
        await service.run(all);
      } catch (error) {
        failures.push(error);
      } finally {
        stop.abort(new ServiceEnded(service.name));
      }
    }),
  );
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, 'Several services failed');
}

/** The abort reason that the other services see when one of them has ended. */
export class ServiceEnded extends Error {
  readonly service: string;

  constructor(service: string) {
    super(`Service ${service} has ended`);
    this.service = service;
  }
}

export interface Every {
  readonly name: string;
  readonly clock: Clock;
  readonly initialDelayMs: number;
  /** Fixed delay: counted from the end of one turn to the start of the next. */
  readonly delayMs: number;
  task(signal: AbortSignal): Promise<void>;
  onError(error: unknown): void;
}

/** A service that does `task` again and again; a task that fails is reported and tried again at the next turn. */
export function every(options: Every): Service {
  const { name, clock, initialDelayMs, delayMs } = options;
  return {
    name,
    async run(signal) {
      for (let wait = initialDelayMs; await clock.sleep(wait, signal); wait = delayMs) {
        try {
          await options.task(signal);
        } catch (error) {
          if (!signal.aborted) options.onError(error);
        }
      }
    },
  };
}
