import { mkdir, readFile, statfs } from 'node:fs/promises';
import { connect } from 'node:net';
import { hostname, type NetworkInterfaceInfo, networkInterfaces, release, type } from 'node:os';
import { join } from 'node:path';
import { type Clock, withDeadline } from '@go-agent/runtime/core';
import type { DiskSpace } from '../../space/judge-disk.ts';

/** The operating system's own name for itself, such as `Debian GNU/Linux 13 (trixie)`. */
export async function operatingSystemName(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return prettyName(text) ?? `${type()} ${release()}`;
}

/** PRETTY_NAME of /etc/os-release, without its quotes. */
export function prettyName(osRelease: string): string | undefined {
  return /^PRETTY_NAME=(["']?)(.+?)\1$/m.exec(osRelease)?.[2];
}

export function hostName(): string {
  return hostname() || 'unknown-host';
}

/**
 * The address by which the server sees this machine: that of a connection to it. While the server is away, the first
 * address that is not a loopback one, and a loopback one on a machine that has no other.
 */
export async function localAddress(serverUrl: string, clock: Clock): Promise<string> {
  const { hostname: host, port, protocol } = new URL(serverUrl);
  const socket = connect(Number(port) || (protocol === 'https:' ? 443 : 80), host.replaceAll(/^\[|\]$/g, ''));
  try {
    const connected = () =>
      new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve).once('error', reject);
      });
    await withDeadline(connected, 1000, clock);
    return socket.localAddress ?? fallbackAddress(networkInterfaces());
  } catch {
    return fallbackAddress(networkInterfaces());
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** IPv4 before IPv6, and the same choice each time for the same interfaces. */
export function fallbackAddress(interfaces: Interfaces): string {
  const outside = Object.values(interfaces).flatMap(
    (list) => list?.filter(({ internal }) => !internal) ?? [],
  );
  const byFamily = (family: string) =>
    outside
      .filter((info) => info.family === family)
      .map(({ address }) => address)
      .toSorted()[0];
  return byFamily('IPv4') ?? byFamily('IPv6') ?? '127.0.0.1';
}

/** What is free where the pipelines are; the folder is made if it is missing, and the home is not. */
export async function diskSpace(home: string): Promise<DiskSpace> {
  const folder = join(home, 'pipelines');
  try {
    return await spaceAt(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await mkdir(folder);
    return spaceAt(folder);
  }
}

async function spaceAt(folder: string): Promise<DiskSpace> {
  const { bavail, bsize, files, ffree } = await statfs(folder);
  return { freeBytes: bavail * bsize, freeInodes: files === 0 ? Infinity : ffree };
}
