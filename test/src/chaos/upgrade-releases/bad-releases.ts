import { join } from 'node:path';
import { BundleName } from '@go-agent/protocol/launch-contract';
import { type BuiltBundle, packBundle, unpackBundle } from '../../../../scripts/build-bundle.ts';

export const FAULTS = ['exit 1', 'hang', 'crash after 20 s', 'cannot register', 'eats memory'] as const;
export type Fault = (typeof FAULTS)[number];
export type Part = 'agent' | 'launcher';

export interface BadRelease {
  readonly part: Part;
  readonly fault: Fault;
  /** Another number, another digest. */
  readonly number: number;
  /** From 0: of some faults there are two or three ways. */
  readonly variant: number;
  /** How long a new version is watched here. */
  readonly probationMs: number;
}

/** In a probation of 60 s it is after 20 s. */
const crashMs = (probationMs: number) => Math.round(probationMs / 3);

/** Program of the entry that comes before, or instead of, the genuine one. */
const agentFaults: Readonly<Record<Fault, (release: BadRelease) => string>> = {
  'exit 1': () => `export function main() { process.exit(1); }`,
  hang: ({ variant }) =>
    variant % 2 === 0
      ? `export function main() { for (;;); }`
      : `import * as real from './agent.mjs';
export async function main() {
  process.on('message', ({ type }) => { if (type === 'launch') setTimeout(() => { for (;;); }, 50); });
  return real.main();
}`,
  'crash after 20 s': ({ probationMs }) => `import * as real from './agent.mjs';
export async function main() {
  setTimeout(() => { throw new Error('This release crashes'); }, ${crashMs(probationMs)});
  return real.main();
}`,
  'cannot register': () => `import * as real from './agent.mjs';
const emit = process.emit;
process.emit = function (name, message, ...rest) {
  const isLaunch = name === 'message' && message?.type === 'launch';
  return emit.call(this, name, isLaunch ? { ...message, serverUrl: message.serverUrl + '/nowhere/go' } : message, ...rest);
};
export const main = () => real.main();`,
  'eats memory': () => `import * as real from './agent.mjs';
export async function main() {
  const all = [];
  setInterval(() => all.push(Buffer.alloc(2e7, 1)), 50);
  return real.main();
}`,
};

/** Of one thread: beside its heap; its heap bit by bit; its heap by larger and larger parts, for which V8 ends the whole process. */
const memoryEaters = [
  'all.set(all.size, Buffer.alloc(5e7, 1))',
  'all.set(all.size, Array.from({ length: 5e5 }, (_, i) => ({ i })))',
  '{ for (let i = 0; i < 2e6; i++) all.set(all.size, i); }',
] as const;

const launcherFaults: Readonly<Record<Fault, (release: BadRelease) => string>> = {
  'exit 1': () => `export const main = async () => 1;`,
  hang: ({ variant }) =>
    variant % 2 === 0
      ? `export const main = async () => { for (;;); };`
      : `export const main = () => new Promise(() => setInterval(() => {}, 1 << 30));`,
  'crash after 20 s': ({ probationMs }) => `import * as real from './agent-launcher.mjs';
export const main = (request, control) => {
  setTimeout(() => { throw new Error('This release crashes'); }, ${crashMs(probationMs)});
  return real.main(request, control);
};`,
  'cannot register': ({ variant }) =>
    variant % 2 === 0
      ? `import * as real from './agent-launcher.mjs';
export const main = (request, control) => real.main({ ...request, serverUrl: request.serverUrl + '/nowhere/go' }, control);`
      : `export const main = (request, control) => {
  control.report({ phase: 'checking' });
  control.report({ phase: 'running' });
  return new Promise(() => setInterval(() => {}, 1 << 30));
};`,
  'eats memory': ({ variant }) => `import * as real from './agent-launcher.mjs';
export const main = (request, control) => {
  const all = new Map();
  setInterval(() => ${memoryEaters[variant % memoryEaters.length]}, 100);
  return real.main(request, control);
};`,
};

/** Makes a release with a fault out of a genuine bundle. */
export function makeBadRelease(release: BadRelease, genuine: string, folder: string): BuiltBundle {
  const { part, fault, number } = release;
  const source = (part === 'agent' ? agentFaults : launcherFaults)[fault](release);
  const name = part === 'agent' ? BundleName.agent : BundleName.launcher;
  const entry = ['bad.mjs', `// ${fault}, no. ${number}\n${source}\n`] as const;
  const file = join(folder, `${name}-bad-${number}.zip`);
  return packBundle(
    { name, version: `bad-${number}`, file },
    new Map<string, string | Uint8Array>([entry, ...unpackBundle(genuine)]),
  );
}

/** Makes another agent that is as good as the genuine one. */
export function makeGoodRelease(genuine: string, folder: string): BuiltBundle {
  const file = join(folder, 'agent-good.zip');
  return packBundle({ name: BundleName.agent, version: 'good', file }, unpackBundle(genuine));
}
