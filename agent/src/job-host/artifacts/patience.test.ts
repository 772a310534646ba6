import { Readable } from 'node:stream';
import { FakeClock } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { Patience } from './patience.ts';

const MINUTE_MS = 60_000;

function scene() {
  const clock = new FakeClock();
  const cancel = new AbortController();
  const lines: string[] = [];
  const console = { line: (_tag: unknown, text: string) => void lines.push(text) } as never;
  const patience = new Patience({ clock, console, cancelled: cancel.signal });
  /** @param minutes for which the server answers nothing else */
  const ask = async (status: number, minutes: number) => {
    const start = clock.monotonic();
    let isOver = false;
    const answer = patience
      .ask(() => {
        const isAway = clock.monotonic() - start < minutes * MINUTE_MS;
        return Promise.resolve({
          status: isAway ? status : 201,
          header: () => undefined,
          body: Readable.from([]),
        });
      })
      .finally(() => (isOver = true));
    answer.catch(() => undefined);
    while (!isOver && !cancel.signal.aborted) await clock.advance(10_000);
    return { status: (await answer).status, minutes: Math.floor((clock.monotonic() - start) / MINUTE_MS) };
  };
  return { ask, cancel, clock, lines };
}

test.each([502, 503, 504])(
  'a transfer waits for a server that says %i for an hour, and says so once',
  async (status) => {
    const { ask, lines } = scene();
    expect(await ask(status, 60)).toEqual({ status: 201, minutes: 60 });
    expect(lines).toEqual(['[go] The server cannot be reached. The transfer goes on when it is back.']);
  },
);

test('a second outage has its whole time again', async () => {
  const { ask } = scene();
  expect(await ask(502, 100)).toMatchObject({ status: 201 });
  expect(await ask(502, 100)).toMatchObject({ status: 201 });
});

test('a server that is away for more than two hours is given up', async () => {
  expect(await scene().ask(503, 1000)).toEqual({ status: 503, minutes: 120 });
});

test('a cancel ends the waiting', async () => {
  const { ask, cancel, clock } = scene();
  const waiting = ask(502, 1000);
  await clock.untilSleeping();
  cancel.abort('cancelled');
  await expect(waiting).rejects.toBe('cancelled');
});
