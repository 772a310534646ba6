import type { Logger } from '@go-agent/runtime';
import {
  bindGuid,
  type Clock,
  describeError,
  foreignGuid,
  guidPlace,
  readGuidBinding,
} from '@go-agent/runtime/core';

/**
 * Writes down for which machine and home the guid is, unless that is known, and says so if it was for others: whoever copies a machine
 * copies its agent's guid too.
 */
export async function keepGuidBinding(home: string, guid: string, clock: Clock, log: Logger): Promise<void> {
  try {
    const binding = await readGuidBinding(home);
    if (binding?.guid !== guid) {
      await bindGuid(home, guid, clock.now());
      return;
    }
    const foreign = foreignGuid(binding, guid, await guidPlace(home));
    if (foreign === undefined) return;
    log.warn(
      `The guid ${guid} was copied: ${foreign}. Should an agent still run there, the two take the server from each other. ` +
        'Remedy: stop this one, run go-agent config new-guid, and start it again',
    );
  } catch (error) {
    log.warn(`config/guid-of.json cannot be kept: ${describeError(error)}`);
  }
}
