import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkForUpgrades, launchOnce, type UpgradeCheck } from '@go-agent/launcher/testing';
import { BundleName } from '@go-agent/protocol/launch-contract';
import { type ServerStub, startServerStub } from '@go-agent/server-stub';
import type { Attack } from './attack.ts';
import { difference, treeOf } from './tree.ts';
import type { World } from './world.ts';

/** What may differ after an attack: notes about it. */
const NOTES =
  /^home\/(data\/(trust|downloads)\/|data\/state\.json|launched\.txt|\.agent-bootstrapper|logs\/|check\.log)/;
/** Of what is kept of cut downloads, per bundle. */
const MAX_PART_BYTES = 1 << 20;

const RUNNER =
  "import { createRequire } from 'node:module'; const file = process.argv[2]; createRequire(file)(file).main();";

export type Verdict =
  /** `reason`: why it was refused; undefined if the server was to blame, and is asked again later. */
  | { readonly type: 'unharmed'; readonly reason: string | undefined }
  | { readonly type: 'broke'; readonly how: string };

/** An agent's home in which good bundles run that came from a server, and the server. */
export class Victim implements AsyncDisposable {
  readonly #folder: string;
  readonly #world: World;
  readonly #stub: ServerStub;
  #before = new Map<string, string>();

  private constructor(folder: string, world: World, stub: ServerStub) {
    this.#folder = folder;
    this.#world = world;
    this.#stub = stub;
  }

  static async settle(folder: string, world: World): Promise<Victim> {
    const victim = new Victim(folder, world, await startServerStub());
    await victim.#settle();
    return victim;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stub[Symbol.asyncDispose]();
  }

  /** @param whole with an agent process, which costs more time */
  async suffer(attack: Attack, whole: boolean): Promise<Verdict> {
    const run = join(this.#folder, 'run');
    await rm(run, { recursive: true, force: true });
    await cp(join(this.#folder, 'settled'), run, { recursive: true });
    this.#serve(attack);
    const handles = (attack.faults ?? []).map((rule) => this.#stub.fault(rule));
    try {
      return await this.#judge(run, attack, whole);
    } catch (error) {
      return { type: 'broke', how: `it failed: ${String(error)}` };
    } finally {
      for (const handle of handles) handle.remove();
    }
  }

  async #judge(run: string, { offers }: Attack, whole: boolean): Promise<Verdict> {
    const { good } = this.#world;
    const broke = (how: string): Verdict => ({ type: 'broke', how });
    let putOff = whole;
    if (whole) {
      await rm(join(run, 'home', 'launched.txt'), { force: true });
      const outcome = await launchOnce({ ...this.#check(run), runtime: this.#runtime() });
      const label = await readFile(join(run, 'home', 'launched.txt'), 'utf8').catch(() => 'nothing');
      if (outcome !== 0 || label !== 'good') return broke(`outcome ${outcome}, ${label} ran`);
    } else {
      const outcome = await checkForUpgrades(this.#check(run));
      putOff = outcome.retryAt !== undefined;
      if (outcome.replaced) return broke('the launcher was replaced');
      if (outcome.agent !== good[BundleName.agent].md5) return broke(`agent ${outcome.agent} would run`);
      if (outcome.plugins !== good[BundleName.plugins].md5)
        return broke(`plugins ${outcome.plugins} are used`);
    }
    const changed = difference(this.#before, await treeOf(run, NOTES));
    if (changed !== undefined) return broke(`changed: ${changed}`);
    const downloads = await treeOf(join(run, 'home', 'data', 'downloads'), /^$/).catch(() => new Map());
    for (const name of downloads.keys()) {
      const { length } = await readFile(join(run, 'home', 'data', 'downloads', String(name)));
      if (length > MAX_PART_BYTES) return broke(`${length} bytes of ${String(name)} are kept`);
    }
    const reason = await refusalOf(
      run,
      offers.map(({ name }) => name),
    );
    if (reason === undefined && !putOff) return broke('nothing was refused');
    return { type: 'unharmed', reason };
  }

  /** Brings the good bundles in, by the way that every bundle comes in. */
  async #settle(): Promise<void> {
    const { good, seen, release } = this.#world;
    const settled = join(this.#folder, 'settled');
    await mkdir(join(settled, 'home'), { recursive: true });
    await writeFile(join(this.#folder, 'run.mjs'), RUNNER);
    await writeFile(join(this.#folder, 'root.json'), release.newestRoot);
    for (const { name, bytes } of Object.values(good)) await writeFile(this.#carried(name), bytes);
    this.#serve({ what: 'the good ones', trust: seen, offers: Object.values(good) });
    // The launcher and the agent are carried; the plugins come from the server, with the metadata of that time.
    const check = this.#check(settled);
    const first = await checkForUpgrades(check);
    const agent = await launchOnce({ ...check, runtime: this.#runtime() });
    if (first.agent !== good[BundleName.agent].md5 || agent !== 0)
      throw new Error('The good bundles do not run');
    await rm(join(settled, 'home', 'launched.txt'), { force: true });
    this.#before = await treeOf(settled, NOTES);
  }

  #serve({ trust, offers }: Attack): void {
    this.#stub.offerTrust(trust);
    for (const { name, bytes } of Object.values(this.#world.good)) this.#stub.offer(name, bytes);
    for (const { name, bytes, claimed } of offers) this.#stub.offer(name, bytes, claimed);
  }

  #check(run: string): UpgradeCheck {
    return {
      home: join(run, 'home'),
      serverUrl: this.#stub.url,
      carried: { launcher: this.#carried(BundleName.launcher), agent: this.#carried(BundleName.agent) },
      launcherMd5: this.#world.good[BundleName.launcher].md5,
      trustRoot: join(this.#folder, 'root.json'),
    };
  }

  #carried(name: BundleName): string {
    return join(this.#folder, `${name}.zip`);
  }

  #runtime(): readonly string[] {
    return [process.execPath, join(this.#folder, 'run.mjs')];
  }
}

/** What the state file says about the bundles that were offered. */
async function refusalOf(run: string, names: readonly BundleName[]): Promise<string | undefined> {
  const state = JSON.parse(await readFile(join(run, 'home', 'data', 'state.json'), 'utf8')) as Partial<
    Record<string, { readonly refused?: { readonly reason: string } }>
  >;
  const keys = names.map(
    (name) => ({ agent: 'agent', 'agent-launcher': 'launcher', 'agent-plugins': 'plugins' })[name],
  );
  return keys.map((key) => state[key]?.refused?.reason).find((reason) => reason !== undefined);
}
