import { basename } from 'node:path';
import { HeaderName } from '@go-agent/protocol';
import type { AgentLaunchRequest } from '@go-agent/protocol/launch-contract';
import type { Logger } from '@go-agent/runtime';
import type { Clock } from '@go-agent/runtime/core';
import type { Offer, RegistrationClient } from './server/registration-client.ts';

export interface UpgradeCheckOptions {
  /** Without `offered` there is no launcher that could upgrade the agent. */
  readonly launch: Partial<
    Pick<AgentLaunchRequest, 'agentMd5' | 'offered' | 'pluginsFolder' | 'retryUpgradeAt' | 'versions'>
  >;
  readonly uuid: string;
  readonly client: Pick<RegistrationClient, 'offer'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** No server is busy for longer. */
const MAX_RETRY_MS = 3_600_000;

/** Finds out whether the agent should end to be launched anew with other bundles. */
export class UpgradeCheck {
  readonly #options: UpgradeCheckOptions;
  #versions: string | undefined;
  /** Monotonic. */
  readonly #retryAt: number;

  constructor(options: UpgradeCheckOptions) {
    this.#options = options;
    this.#versions = options.launch.versions;
    const { clock, launch } = options;
    const { retryUpgradeAt = Number.POSITIVE_INFINITY } = launch;
    // Told by the wall clock, which may be set before that time comes.
    const waitMs = Math.min(Math.max(0, retryUpgradeAt - clock.now()), MAX_RETRY_MS);
    this.#retryAt = retryUpgradeAt === Number.POSITIVE_INFINITY ? retryUpgradeAt : clock.monotonic() + waitMs;
  }

  /** What the launcher has the server told from now on: the header `X-Agent-Versions`. */
  noteVersions(versions: string): void {
    this.#versions = versions;
  }

  async isDue(signal: AbortSignal): Promise<boolean> {
    const { launch, uuid, client, clock, log } = this.#options;
    const { offered: launchedWith, retryUpgradeAt } = launch;
    if (launchedWith === undefined) return false;
    const versions = this.#versions === undefined ? {} : { [HeaderName.agentVersions]: this.#versions };
    const offered = await client.offer(signal, { [HeaderName.agentGuid]: uuid, ...versions });
    const mayRetry = clock.monotonic() >= this.#retryAt;
    const changed =
      newBundle(launchedWith, offered) ?? (mayRetry ? newBundle(this.#running(), offered) : undefined);
    if (changed === undefined) return false;
    log.info(
      { changed, launchedWith, offered, retryUpgradeAt },
      `The server offers another ${changed}; the agent ends to be launched anew`,
    );
    return true;
  }

  #running(): Offer {
    const { agentMd5, pluginsFolder } = this.#options.launch;
    const launcher = currentLauncher(this.#versions);
    return {
      ...(agentMd5 === undefined ? {} : { agent: agentMd5 }),
      ...(launcher === undefined ? {} : { launcher }),
      ...(pluginsFolder === undefined ? {} : { plugins: basename(pluginsFolder) }),
    };
  }
}

/**
 * Which bundle differs from what was offered when this agent was launched. The comparison is with the offer then, not with what
 * runs: an offer that the launcher refused must not make the agent restart for ever. Undefined: nothing new.
 */
export function newBundle(launchedWith: Offer, offered: Offer | undefined): keyof Offer | undefined {
  if (offered === undefined) return undefined;
  const names = ['agent', 'launcher', 'plugins'] as const;
  return names.find(
    (name) => offered[name] !== undefined && offered[name] !== launchedWith[name]?.toLowerCase(),
  );
}

function currentLauncher(versions = '{}'): string | undefined {
  try {
    return (JSON.parse(versions) as { launcher?: { current?: string } }).launcher?.current;
  } catch {
    return undefined;
  }
}
