import { createInterface } from 'node:readline';
import type Docker from 'dockerode';
import { Label } from '../sdk/labels.ts';
import type { Tools } from '../sdk/provider.ts';
import { engineTrouble } from './engine.ts';

/**
 * Follows the engine's events of these containers.
 * @throws AppError `elastic-docker` (retryable) when the stream ends
 */
export async function untilContainersChange(
  docker: Docker,
  labels: Readonly<Record<string, string>>,
  changed: () => void,
  { log }: Tools,
  signal: AbortSignal,
): Promise<void> {
  const stream = await docker
    .getEvents({
      filters: {
        type: ['container'],
        label: Object.entries(labels).map(([name, value]) => `${name}=${value}`),
      },
      abortSignal: signal,
    })
    .catch((error: unknown) => {
      if (signal.aborted) return null;
      throw engineTrouble('following events', error);
    });
  if (stream === null) return;
  // Whatever happened before the stream began.
  changed();
  try {
    for await (const line of createInterface({ input: stream })) {
      const event = parse(line);
      if (event === null) continue;
      if (event.action === 'die' || event.action === 'died')
        log('info', `container of ${event.agent} has ended`);
      changed();
    }
  } catch (error) {
    if (!signal.aborted) throw engineTrouble('following events', error);
  }
  if (!signal.aborted) throw engineTrouble('following events', new Error('the stream of events has ended'));
}

function parse(line: string): { readonly action: string; readonly agent: string } | null {
  try {
    const { Action, Actor } = JSON.parse(line) as {
      Action?: string;
      Actor?: { Attributes?: Record<string, string> };
    };
    return { action: Action ?? '', agent: Actor?.Attributes?.[Label.agent] ?? 'an agent' };
  } catch {
    return null;
  }
}
