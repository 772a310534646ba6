import { leftovers, waitFor } from '@go-agent/runtime/testing';

/**
 * Kills what still runs of a scenario, by the text that all its processes have in their environment or command line.
 * @throws Error if there was anything, a moment after the last orderly end
 */
export async function endLeftovers(mark: string, patienceMs = 30_000): Promise<void> {
  try {
    await waitFor(() => leftovers(mark).length === 0, { timeoutMs: patienceMs, intervalMs: 50 });
  } catch {
    const left = leftovers(mark);
    for (const { pid } of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone in the meantime.
      }
    }
    if (left.length > 0)
      throw new Error(
        `The scenario left processes:\n${left.map((p) => `  ${p.pid} ${p.command}`).join('\n')}`,
      );
  }
}
