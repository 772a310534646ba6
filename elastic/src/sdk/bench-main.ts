// Plays a day against a plugin, whoever wrote it and in whatever language, and says which rules it breaks.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { describeError } from '@go-agent/runtime/core';
import { readManifest, startPlugin } from './bench/plugin-process.ts';
import { RULES } from './bench/rules.ts';
import { type BenchReport, runBench } from './bench/run-bench.ts';

const HELP = `Plays a whole day against an elastic plugin, and says which rules it breaks.

Usage: node elastic/src/sdk/bench-main.ts --plugin DIR [options]

  --plugin DIR            the folder with the plugin's plugin.json
  --cluster NAME=VALUE    a property of the cluster profile; may be repeated
  --profile NAME=VALUE    a property of the elastic agent profile; may be repeated
  --jobs N                jobs of the day (40)
  --max-agents N          agents at a time (5)
  --start-timeout SECONDS real time in which an agent must be listed as running (60)
  --seed N                the same seed plays the same day (1)
  --json                  the report as JSON
  --show-log              what the plugin has written to its standard error
  --rules                 list the rules, and end

The day is the bench's own: it lasts as long as the plugin takes to answer. The plugin makes real agents, which find no
server; the bench registers them by itself, and has all of them ended at the end.

Exit codes: 0 no rule broken, 1 at least one is, 2 wrong usage or no such plugin.

Example: node elastic/src/sdk/bench-main.ts --plugin elastic/src/docker --profile image=localhost/agent:1 --jobs 20
`;

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      plugin: { type: 'string' },
      cluster: { type: 'string', multiple: true, default: [] },
      profile: { type: 'string', multiple: true, default: [] },
      jobs: { type: 'string', default: '40' },
      'max-agents': { type: 'string', default: '5' },
      'start-timeout': { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      'show-log': { type: 'boolean', default: false },
      rules: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    print(HELP);
    return 0;
  }
  if (values.rules) {
    for (const [rule, text] of Object.entries(RULES)) print(`${rule.padEnd(24)} ${text}\n`);
    return 0;
  }
  if (values.plugin === undefined) throw new Error('--plugin is missing; see --help');
  const folder = resolve(values.plugin);
  const manifest = await readManifest(folder);
  if (manifest.dialect !== 'rfc') {
    throw new Error(`${manifest.id} speaks the dialect ${manifest.dialect}; the bench plays rfc only`);
  }
  const data = await mkdtemp(join(tmpdir(), 'elastic-bench-'));
  const dataFolders = [join(data, '1'), join(data, '2')] as const;
  try {
    for (const each of dataFolders) await mkdir(each);
    const report = await runBench({
      pluginId: manifest.id,
      // oxlint-disable-next-line node/no-process-env -- this file is a main.ts under the name that its command has
      start: () => startPlugin(folder, manifest, process.env),
      dataFolders,
      clusterProperties: pairs('--cluster', values.cluster),
      profileProperties: pairs('--profile', values.profile),
      jobs: whole('--jobs', values.jobs),
      seed: whole('--seed', values.seed),
      maxAgents: whole('--max-agents', values['max-agents']),
      startTimeoutMs: whole('--start-timeout', values['start-timeout']) * 1000,
    });
    print(
      values.json
        ? `${JSON.stringify({ ...report, calls: Object.fromEntries(report.calls) }, null, 2)}\n`
        : table(report),
    );
    if (values['show-log']) process.stderr.write(report.errors);
    return report.violations.length === 0 ? 0 : 1;
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

function table({ violations, done, calls }: BenchReport): string {
  const lines = [
    `${done.jobs} jobs done, ${done.agents} agents registered, ${done.failed} could not be started`,
    '',
  ];
  lines.push('request            calls   longest');
  for (const [method, { count, maxMs }] of calls) {
    lines.push(`${method.padEnd(16)} ${String(count).padStart(7)} ${maxMs.toFixed(0).padStart(6)} ms`);
  }
  lines.push('');
  for (const rule of Object.keys(RULES)) {
    const broken = violations.filter((each) => each.rule === rule);
    lines.push(`${broken.length === 0 ? 'kept  ' : 'BROKEN'} ${rule}`);
    for (const { message } of broken.slice(0, 5)) lines.push(`       ${message}`);
    if (broken.length > 5) lines.push(`       and ${broken.length - 5} more`);
  }
  return `${lines.join('\n')}\n`;
}

function pairs(option: string, given: readonly string[]): Record<string, string> {
  const entries = given.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw new Error(`${option} ${pair}: must be NAME=VALUE`);
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  return Object.fromEntries(entries);
}

function whole(option: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new Error(`${option} is "${text}"; give a whole number of at least 1`);
}

function print(text: string): void {
  process.stdout.write(text);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`elastic bench: ${describeError(error)}\n`);
  process.exitCode = 2;
}
