import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BundleName } from '@go-agent/protocol/launch-contract';
import type { MemoryRelease } from '@go-agent/release/testing';
import { describeError, systemClock } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import type { ServerStub } from '@go-agent/server-stub';
import type { BuiltBundle } from '../../../../scripts/build-bundle.ts';
import type { TestAgent } from '../../harness/test-agent.ts';
import type { Part } from './bad-releases.ts';

interface Versions {
  readonly current?: string;
  readonly lastGood?: string;
  readonly quarantined?: readonly { readonly md5: string; readonly reason: string; readonly at: number }[];
}

export interface TriedAgentOptions {
  readonly agent: TestAgent;
  readonly stub: ServerStub;
  readonly release: MemoryRelease;
  readonly good: Readonly<Record<Part, BuiltBundle>>;
  /** For the worst of the faults to be found out. */
  readonly patienceMs: number;
  /** From the verdict to the last good version, accepted by the server again. */
  readonly backLimitMs: number;
}

export interface TrialOutcome {
  readonly reason?: string;
  /** From the first download to the verdict. */
  readonly verdictMs: number;
  readonly backMs: number;
  readonly fault?: string;
}

/** A real agent, with the server that offers it one bad release after the other. */
export class TriedAgent {
  readonly #options: TriedAgentOptions;
  /** Each of them may be downloaded once. */
  readonly #offers = { agent: 0, launcher: 0 };

  constructor(options: TriedAgentOptions) {
    this.#options = options;
  }

  /** Resolves when the good versions have proved themselves. */
  async settle(): Promise<void> {
    const { good, patienceMs } = this.#options;
    await waitFor(
      async () =>
        (await this.#versions('agent')).lastGood === good.agent.md5 &&
        (await this.#versions('launcher')).lastGood === good.launcher.md5,
      { timeoutMs: patienceMs, intervalMs: 100, describe: 'the good versions to prove themselves' },
    );
  }

  /** Offers a bad release, and waits until the agent works again with the good one. */
  async suffer(part: Part, bad: BuiltBundle): Promise<TrialOutcome> {
    const { patienceMs, good } = this.#options;
    const offeredAt = systemClock.monotonic();
    let verdictMs = Number.NaN;
    let backMs = Number.NaN;
    try {
      await this.#offer(part, bad);
      const verdict = await waitFor(
        async () => (await this.#versions(part)).quarantined?.find(({ md5 }) => md5 === bad.md5),
        { timeoutMs: patienceMs, intervalMs: 50, describe: `the verdict on ${bad.file}` },
      );
      const foundAt = systemClock.monotonic();
      verdictMs = foundAt - offeredAt;
      await this.#isBack(good);
      backMs = systemClock.monotonic() - foundAt;
      const fault = await this.#faultOf(part, bad, backMs);
      return { reason: verdict.reason, verdictMs, backMs, ...(fault === undefined ? {} : { fault }) };
    } catch (error) {
      return { verdictMs, backMs, fault: describeError(error) };
    }
  }

  /** Offers a good agent, and waits until it has proved itself. @returns what went wrong */
  async take(next: BuiltBundle): Promise<string | undefined> {
    try {
      await this.#offer('agent', next);
      const isGood = async () => (await this.#versions('agent')).lastGood === next.md5;
      const timeoutMs = this.#options.patienceMs;
      await waitFor(isGood, { timeoutMs, intervalMs: 100, describe: 'a good release to be taken' });
      return undefined;
    } catch (error) {
      return describeError(error);
    }
  }

  /** The agent runs the good versions, and the server accepts a ping of its after that. */
  async #isBack(good: Readonly<Record<Part, BuiltBundle>>): Promise<void> {
    const { agent, stub, patienceMs } = this.#options;
    const isGood = async () => {
      const status = await readStatus(agent.home);
      return (
        status.phase === 'running' &&
        status.agent?.md5 === good.agent.md5 &&
        status.launcher?.md5 === good.launcher.md5
      );
    };
    const wait = { timeoutMs: patienceMs, intervalMs: 50 };
    await waitFor(isGood, { ...wait, describe: 'the good versions to run' });
    const before = pings(stub);
    // One may have been under way.
    await waitFor(async () => pings(stub) > before + 1 && (await isGood()), { ...wait, describe: 'pings' });
  }

  async #faultOf(part: Part, bad: BuiltBundle, backMs: number): Promise<string | undefined> {
    const { good, stub, backLimitMs } = this.#options;
    const { current, lastGood } = await this.#versions(part);
    if (current !== good[part].md5 || lastGood !== good[part].md5) return `current is ${current}`;
    const file = `/${nameOf(part)}.zip`;
    const fetched = stub.requests.filter(
      ({ method, path }) => method === 'GET' && path.endsWith(file),
    ).length;
    if (fetched !== this.#offers[part])
      return `${fetched} downloads of ${this.#offers[part]} releases, the last one ${bad.md5}`;
    return backMs > backLimitMs ? `back after ${Math.round(backMs)} ms` : undefined;
  }

  async #offer(part: Part, bad: BuiltBundle): Promise<void> {
    const { stub, release, good } = this.#options;
    this.#offers[part]++;
    const zip = await readFile(bad.file);
    release.list(nameOf(part), zip);
    stub.offerTrust(release.sign());
    for (const one of ['agent', 'launcher'] as const)
      stub.offer(nameOf(one), one === part ? zip : await readFile(good[one].file));
  }

  async #versions(part: Part): Promise<Versions> {
    const text = await readFile(join(this.#options.agent.home, 'data', 'state.json'), 'utf8').catch(
      () => '{}',
    );
    return (JSON.parse(text) as Partial<Record<Part, Versions>>)[part] ?? {};
  }
}

function nameOf(part: Part): BundleName {
  return part === 'agent' ? BundleName.agent : BundleName.launcher;
}

function pings(stub: ServerStub): number {
  return stub.requests.filter(({ path }) => path.endsWith('/ping')).length;
}

interface Status {
  readonly phase?: string;
  readonly agent?: { readonly md5?: string };
  readonly launcher?: { readonly md5?: string };
}

async function readStatus(home: string): Promise<Status> {
  const text = await readFile(join(home, 'data', 'bootstrapper.json'), 'utf8').catch(() => '{}');
  return JSON.parse(text) as Status;
}
