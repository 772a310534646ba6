import { expect, test } from 'vitest';
import { taskSchema } from './task-schema.ts';

const schema = taskSchema({ seal: (text) => `sealed:${text}`, open: (text) => text });

/** What a task of the file becomes; values are texts, as the YAML reader gives them. */
function read(task: unknown): unknown {
  const result = schema.safeParse(task);
  return result.success ? result.data : result.error.issues.map(({ message }) => message);
}

const script = (value: string) => ({ name: 'script', value, secure: false });
const executor = { type: 'plugin', pluginId: 'script-executor', runIf: [] };

test('a script is the task of the script executor', () => {
  expect(read({ script: 'echo one\necho two\n' })).toEqual({
    ...executor,
    options: [script('echo one\necho two\n')],
  });
});

test('a script may name its shell, its folder, its time-out and what runs on cancel', () => {
  expect(
    read({
      script: {
        script: 'print(1)',
        shell: 'python -u',
        working_directory: 'tools',
        timeout: '5',
        run_if: 'any',
        on_cancel: { exec: { command: 'clean' } },
      },
    }),
  ).toEqual({
    ...executor,
    options: [script('print(1)'), { name: 'shtype', value: 'python -u', secure: false }],
    workingDirectory: 'tools',
    timeoutMinutes: 5,
    runIf: ['any'],
    onCancel: { type: 'exec', command: 'clean', arguments: [], runIf: [] },
  });
});

test('each kind of task has a time-out in minutes; 0 is none', () => {
  expect(read({ exec: { command: 'make', timeout: '90' } })).toMatchObject({ timeoutMinutes: 90 });
  for (const task of [
    { ant: { timeout: '2' } },
    { rake: { timeout: '2' } },
    { nant: { timeout: '2' } },
    { fetch: { stage: 's', job: 'j', source: 'x', timeout: '2' } },
    { plugin: { configuration: { id: 'p' }, timeout: '2' } },
  ]) {
    expect(read(task)).toMatchObject({ timeoutMinutes: 2 });
  }
  expect(read({ exec: { command: 'make', timeout: '0' } })).not.toHaveProperty('timeoutMinutes');
  expect(read({ exec: { command: 'make', timeout: 'soon' } })).toEqual([
    'expected a whole number, at least 0, got "soon"',
  ]);
});

test('a script without text is refused', () => {
  for (const value of [null, '', { shell: 'sh' }]) expect(read({ script: value })).toHaveLength(1);
});
