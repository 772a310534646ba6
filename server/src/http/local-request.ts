import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** Also for an IPv4 address at an IPv6 socket. */
export function isLoopback(address: string): boolean {
  const plain = address.toLowerCase().replace(/^::ffff:/, '');
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

/**
 * Whether a request calls this machine by a name of its own. Any other name may be that of a page whose owner has let it lead here: the
 * browser then takes this server for a part of the page, and lets the page read it (DNS rebinding).
 * @param host the header; browsers always send one
 */
export function isToThisMachine(host: string | undefined): boolean {
  if (host === undefined) return true;
  if (!URL.canParse(`http://${host}`)) return false;
  const name = new URL(`http://${host}`).hostname.replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || name === hostname().toLowerCase() || isLoopback(name);
}
