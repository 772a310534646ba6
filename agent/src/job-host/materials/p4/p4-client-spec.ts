import { createHash } from 'node:crypto';
import { basename } from 'node:path';

/** The name of the client (workspace) of one folder of one machine, as GoCD makes it. */
export function p4ClientName(hostName: string, folder: string): string {
  const hash = createHash('sha1')
    .update(folder)
    .digest('base64')
    .replaceAll(/[^0-9A-Za-z.-]/g, '');
  return `cruise-${hostName}-${basename(folder)}-${hash}`;
}

/** What `p4 client -i` reads. */
export function p4ClientSpec(client: string, folder: string, view: string): string {
  const lines = view
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => `\t${withClient(line, client)}\n`);
  return [
    `Client: ${client}\n`,
    `Root: ${folder}\n`,
    'Options: clobber rmdir\n',
    'LineEnd: local\n',
    `View:\n${lines.join('')}`,
  ].join('\n');
}

/** The configuration cannot know the client, so the right side of each mapping begins with any name: `//depot/... //any/...`. */
function withClient(mapping: string, client: string): string {
  return mapping.replace(/(\s"?[+&-]?\/\/)[^/\s"]+\//, `$1${client}/`);
}
