import { expect, test } from 'vitest';
import { amount, bytes, choice, duration, flag, lines, pairs, secret, text, wholeNumber } from './field.ts';
import { configurationFields, readValues, secretsOf } from './schema.ts';

const fields = {
  image: text({ title: 'Image', required: true, help: 'Of the agent.' }),
  token: secret({ title: 'Token' }),
  pull: choice(['missing', 'always'], { title: 'Pull', default: 'missing' }),
  count: wholeNumber({ title: 'Count', min: 1, max: 9 }),
  cpus: amount({ title: 'Processors' }),
  memory: bytes({ title: 'Memory' }),
  patience: duration({ title: 'Patience', default: '10s' }),
  privileged: flag({ title: 'Privileged' }),
  mounts: lines({ title: 'Mounts' }),
  environment: pairs({ title: 'Environment' }),
};

test('texts become the values that their fields say, with defaults for what is not written', () => {
  const read = readValues(fields, {
    image: ' a:1 ',
    count: '3',
    cpus: '0.5',
    memory: '1.5G',
    privileged: 'TRUE',
    mounts: '/a:/a\n# not this\n\n /b:/b ',
    environment: 'A=1\nB = x=y',
  });
  expect(read).toEqual({
    ok: true,
    values: {
      image: 'a:1',
      token: undefined,
      pull: 'missing',
      count: 3,
      cpus: 0.5,
      memory: 1.5 * 1024 ** 3,
      patience: 10_000,
      privileged: true,
      mounts: ['/a:/a', '/b:/b'],
      environment: { A: '1', B: ' x=y' },
    },
  });
});

test.each([
  ['2G', 2 * 1024 ** 3],
  ['512m', 512 * 1024 ** 2],
  ['10 MiB', 10 * 1024 ** 2],
  ['4096', 4096],
])('the size %s is %d bytes', (written, size) => {
  expect(readValues({ memory: fields.memory }, { memory: written })).toEqual({
    ok: true,
    values: { memory: size },
  });
});

test.each([
  ['90', 90_000],
  ['250ms', 250],
  ['10m', 600_000],
  ['1.5h', 5_400_000],
  ['1d', 86_400_000],
])('the time %s is %d ms', (written, ms) => {
  const { patience } = fields;
  expect(readValues({ patience }, { patience: written })).toEqual({ ok: true, values: { patience: ms } });
});

test('all problems come at once, and none shows a value', () => {
  const read = readValues(fields, {
    token: 'hunter2hunter2',
    pull: 'hunter2hunter2',
    count: '10',
    cpus: '-1',
    memory: 'much',
    patience: 'long',
    privileged: 'yes',
    environment: 'A=1\nhunter2hunter2',
    size: 'big',
  });
  expect(read).toEqual({
    ok: false,
    problems: [
      { key: 'image', message: 'Image must be given.' },
      { key: 'pull', message: 'Pull must be one of missing, always.' },
      { key: 'count', message: 'Count must be a whole number of at least 1 and at most 9.' },
      { key: 'cpus', message: 'Processors must be a number above 0, such as 0.5 or 2.' },
      { key: 'memory', message: 'Memory must be a size such as 512M or 2G.' },
      { key: 'patience', message: 'Patience must be a time such as 90s, 10m or 2h.' },
      { key: 'privileged', message: 'Privileged must be true or false.' },
      { key: 'environment', message: 'Environment must have NAME=value on each line; line 2 has not.' },
      { key: 'size', message: expect.stringMatching(/^size is no setting here; known are image, token, /) },
    ],
  });
});

test('forms are made of the fields', () => {
  const { image, token, pull } = fields;
  expect(configurationFields({ image, token, pull })).toEqual([
    {
      key: 'image',
      title: 'Image',
      description: 'Of the agent.',
      type: 'text',
      required: true,
      secret: false,
    },
    { key: 'token', title: 'Token', type: 'text', required: false, secret: true },
    {
      key: 'pull',
      title: 'Pull',
      type: 'choice',
      required: false,
      secret: false,
      default: 'missing',
      choices: ['missing', 'always'],
    },
  ]);
});

test('the values of secret fields are known, to be masked', () => {
  expect(new Set(secretsOf(fields, { image: 'a', token: 'b', other: 'c' }))).toEqual(new Set(['b']));
  expect(secretsOf(fields, { token: 'A=one-1\nB=two-2' })).toEqual(
    expect.arrayContaining(['one-1', 'two-2']),
  );
});
