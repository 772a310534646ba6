import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { buildProgram } from '../commands/program.ts';
import { fakeContext } from '../testing/fake-context.ts';
import { bashCompletion } from './bash-completion.ts';
import { commandShapes } from './command-shape.ts';
import { fishCompletion } from './fish-completion.ts';
import { zshCompletion } from './zsh-completion.ts';

const shapes = commandShapes(buildProgram(fakeContext(), [], () => undefined));

const [BASH, ZSH, FISH] = ['bash', 'zsh', 'fish'] as const;

function has(shell: string): boolean {
  return spawnSync(shell, ['-c', 'true']).status === 0;
}

function reason(shell: string): string {
  return has(shell) ? '' : ` (skipped: there is no ${shell} here)`;
}

/** What bash would offer after these words, the last of which is being typed. */
async function completed(...words: readonly string[]): Promise<string[]> {
  await using folder = await tempDir();
  const script = join(folder.path, 'completion.bash');
  await writeFile(script, bashCompletion(shapes));
  const ask = `source ${script}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _go_agent; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', ask, 'bash', 'go-agent', ...words], {
    cwd: folder.path,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

test.skipIf(!has(BASH))(
  `bash completes commands, options, choices, settings and files${reason(BASH)}`,
  async () => {
    expect(await completed('do')).toEqual(['doctor']);
    expect(await completed('doctor', 'tls', 'g')).toEqual(['git', 'guid']);
    expect(await completed('config', '')).toEqual(['explain', 'new-guid']);
    expect(await completed('config', 'explain', '--js')).toEqual(['--json']);
    expect(await completed('logs', '--component', 'l')).toEqual(['launcher']);
    expect(await completed('run', '--set', 'workspace-max-')).toEqual([
      'workspace-max-age=',
      'workspace-max-size=',
    ]);
    expect(await completed('run', '--env-file', 'comp')).toEqual(['completion.bash']);
    expect(await completed('run', '--home', 'comp')).toEqual([]);
    expect(await completed('--home', 'x', 'completion', '')).toEqual(['bash', 'zsh', 'fish']);
  },
);

test('no script offers a hidden option or a secret setting', () => {
  for (const script of [bashCompletion(shapes), zshCompletion(shapes), fishCompletion(shapes)]) {
    expect(script).toContain('strict');
    expect(script).not.toContain('bundles');
    expect(script).not.toContain('auto-register-key=');
  }
});

test.skipIf(!has(ZSH))(`zsh takes its script${reason(ZSH)}`, () => {
  const { status, stderr } = spawnSync(ZSH, ['-n'], { input: zshCompletion(shapes), encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test.skipIf(!has(FISH))(`fish takes its script, and completes with it${reason(FISH)}`, () => {
  const input = `${fishCompletion(shapes)}\ncomplete -C 'go-agent config '\n`;
  const { stdout } = spawnSync(FISH, ['--private'], { input, encoding: 'utf8' });
  expect(stdout).toMatch(/^explain\t/m);
});
