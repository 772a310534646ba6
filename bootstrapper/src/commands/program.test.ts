import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { fakeContext } from '../testing/fake-context.ts';
import { buildProgram, runProgram } from './program.ts';

function paths(command: Command, path: readonly string[] = []): string[][] {
  return command.commands.flatMap((one) => [[...path, one.name()], ...paths(one, [...path, one.name()])]);
}

const all = paths(buildProgram(fakeContext(), [], () => undefined));

test('the program has the commands that it is documented to have', () => {
  const names = new Set(all.map(([name]) => name));
  for (const name of 'run start stop restart status logs drain resume doctor config service completion version'.split(
    ' ',
  ))
    expect(names).toContain(name);
});

test.for(['', ...all.map((path) => path.join(' '))])(
  'go-agent %s has help with an example of its own, and its exit codes',
  async (path) => {
    const context = fakeContext();
    expect(await runProgram(context, [...path.split(' ').filter(Boolean), '--help'])).toBe(0);
    const help = context.printed.join('\n');
    expect(help).toContain('Example:');
    expect(help.slice(help.indexOf('Example:'))).toContain(`go-agent ${path}`);
    expect(help).toMatch(/^Exit codes: 0 /m);
  },
);

test('an unknown check is wrong usage, with the name that may be meant', async () => {
  const context = fakeContext();
  expect(await runProgram(context, ['doctor', 'disc'])).toBe(2);
  expect(context.errors.join('\n')).toMatch(/no check disc; did you mean disk\?/);
});
