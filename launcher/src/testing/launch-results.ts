import { readFile } from 'node:fs/promises';
import type { BundleName } from '@go-agent/protocol/launch-contract';
import type { ServerStub } from '@go-agent/server-stub';
import type { BuiltBundle } from '../../../scripts/build-bundle.ts';
import type { LaunchState } from '../state/launch-state.ts';
import type { LaunchFixture } from './launch-fixture.ts';
import { release } from './test-release.ts';

export async function launched({ path }: LaunchFixture) {
  return JSON.parse(await readFile(path('launched.json'), 'utf8')) as {
    label: string;
    pid: number;
    message: {
      settings: object;
      offered: Record<string, string>;
      agentMd5: string;
      pluginsFolder?: string;
      versions?: string;
    };
  };
}

export async function stateOf({ path }: LaunchFixture): Promise<LaunchState> {
  return JSON.parse(await readFile(path('data', 'state.json'), 'utf8')) as LaunchState;
}

/** The server offers it, and vouches for it. */
export async function offer(stub: ServerStub, name: BundleName, bundle: BuiltBundle): Promise<void> {
  const zip = await readFile(bundle.file);
  release.list(name, zip);
  stub.offerTrust(release.sign());
  stub.offer(name, zip);
}

export function downloads(stub: ServerStub, name: string): number {
  return stub.requests.filter(({ method, path }) => method === 'GET' && path.endsWith(`/${name}.zip`)).length;
}
