import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check, ok, skipped, type Verdict, warn } from '../check.ts';

interface UnitFacts {
  readonly path: string;
  readonly text: string;
}

/** Where systemd looks, first what counts first; SYSTEMD_UNIT_PATH replaces them, as for systemd's own tools. */
const FOLDERS = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
];

export const serviceCheck = check({
  name: 'service',
  about: 'the systemd unit of this agent',
  async look({ home, environment }): Promise<UnitFacts | undefined> {
    const folders = environment['SYSTEMD_UNIT_PATH']?.split(':').filter(Boolean) ?? FOLDERS;
    for (const folder of folders) {
      for (const name of await readdir(folder).catch(() => [])) {
        if (!name.endsWith('.service')) continue;
        const text = await readFile(join(folder, name), 'utf8').catch(() => '');
        if (isOfThisAgent(text, home)) return { path: join(folder, name), text };
      }
    }
    return undefined;
  },
  judge(unit, { home }): Verdict {
    if (unit === undefined) return skipped(`no systemd unit is for ${home}`);
    const problems = unitProblems(unit.text);
    if (problems.length > 0)
      return warn(
        `${unit.path}: ${problems.join('; ')}`,
        'go-agent service install writes a unit that has them; or add them with systemctl edit',
      );
    return ok(`${unit.path} restarts the agent and gives it control groups`);
  },
});

function isOfThisAgent(text: string, home: string): boolean {
  const command = valueIn(text, 'ExecStart') ?? '';
  const [, quoted, plain] = /--home[= ](?:"([^"]+)"|(\S+))/.exec(command) ?? [];
  const named =
    quoted ?? plain ?? /GO_AGENT_HOME=([^\s"]+)/.exec(text)?.[1] ?? valueIn(text, 'WorkingDirectory');
  return /\srun\b/.test(command) && named?.replaceAll('%%', '%') === home;
}

function unitProblems(text: string): string[] {
  const user = valueIn(text, 'User');
  const restart = valueIn(text, 'Restart') ?? 'no';
  const delegate = valueIn(text, 'Delegate') ?? 'no';
  const killMode = valueIn(text, 'KillMode') ?? 'control-group';
  return [
    ...(delegate === 'no' || delegate === 'false'
      ? ['without Delegate=yes jobs have no control groups of their own']
      : []),
    ...(killMode === 'mixed'
      ? []
      : [`KillMode=${killMode} ends jobs before their agent can; mixed is wanted`]),
    ...(restart === 'no' ? ['without Restart=always nobody starts it again'] : []),
    ...((user === undefined || user === 'root') && !text.includes('run-jobs-as')
      ? ['it runs as root, and its jobs too: give it a User=, or run-jobs-as']
      : []),
  ];
}

/** The last one counts. */
function valueIn(text: string, key: string): string | undefined {
  return [...text.matchAll(new RegExp(`^\\s*${key}\\s*=\\s*(.*?)\\s*$`, 'gm'))].at(-1)?.[1];
}
