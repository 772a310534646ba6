import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The bootstrapper: beside an installed plugin, or where this repository's build puts it.
 * @param folder of the plugin's main.ts
 */
export function findGoAgent(folder: string): string {
  const built = join(folder, '..', '..', '..', 'dist', 'go-agent', 'go-agent.mjs');
  const places = [
    join(folder, 'go-agent', 'go-agent.mjs'),
    join(folder, '..', 'go-agent', 'go-agent.mjs'),
    built,
  ];
  return places.find((place) => existsSync(place)) ?? built;
}
