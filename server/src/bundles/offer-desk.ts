import { HeaderName } from '@go-agent/protocol';
import { BundleName } from '@go-agent/protocol/launch-contract';
import type { FastifyRequest } from 'fastify';
import type { OfferedBundle, Release } from './release.ts';
import { type AgentReport, readAgentReport } from './rollout/agent-report.ts';
import type { RolloutDesk } from './rollout/rollout-desk.ts';

export interface Offer {
  /** Absent: nothing is to change, and what the agent runs is not known or not here any more. */
  readonly bundle?: OfferedBundle;
  /** Why it is this one, for people. */
  readonly why: string;
}

/** What the agent that asks is offered. */
export class OfferDesk {
  readonly #store: { readonly releases: readonly Release[] };
  readonly #rollout: RolloutDesk;

  constructor(store: { readonly releases: readonly Release[] }, rollout: RolloutDesk) {
    this.#store = store;
    this.#rollout = rollout;
  }

  /** Of each name of a bundle. */
  offer({ headers }: Pick<FastifyRequest, 'headers'>): (name: BundleName) => Offer {
    const { releases } = this.#store;
    const guid = headers[HeaderName.agentGuid.toLowerCase()];
    const report = readAgentReport(headers[HeaderName.agentVersions.toLowerCase()]);
    const decision = this.#rollout.decide({ guid: typeof guid === 'string' ? guid : '', report }, releases);
    const { why } = decision;
    if (decision.type === 'offer') {
      const release = releases.find(({ version }) => version === decision.version);
      return (name) => found(release?.bundles.get(name), why);
    }
    return (name) => found(this.byDigest(name, currentOf(report, name)), why);
  }

  /** Any release's bundle. */
  byDigest(name: string, md5: string | undefined): OfferedBundle | undefined {
    const bundles = this.#store.releases.flatMap((release) => [...release.bundles.values()]);
    return bundles.find((bundle) => bundle.name === name && bundle.md5 === md5?.toLowerCase());
  }
}

function found(bundle: OfferedBundle | undefined, why: string): Offer {
  return bundle === undefined ? { why } : { bundle, why };
}

function currentOf(report: AgentReport | undefined, name: BundleName): string | undefined {
  if (name === BundleName.launcher) return report?.launcher?.current;
  return name === BundleName.agent ? report?.agent?.current : undefined;
}
