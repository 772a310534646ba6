// The run that this `npm start` asks for, and those that an earlier one, which was interrupted, has left on the server.
interface Stage {
  readonly name: string;
  readonly counter: string;
  readonly status: string;
  readonly scheduled: boolean;
}

interface Instance {
  readonly counter: number;
  readonly scheduled_date: number;
  readonly stages: readonly Stage[];
}

export interface Wish {
  readonly serverUrl: string;
  readonly token: string;
  readonly pipeline: string;
  /** Whoever was scheduled before (epoch ms) is of an earlier start. Infinity: all that are there, since only a trigger makes a run now. */
  readonly startedAt: number;
  print(line: string): void;
  /** All runs up to this counter are of an earlier start. */
  onEarlier(counter: number): void;
}

/** What is left may wait for what this start has not (an elastic profile), and is of another commit; it takes two turns at most. */
const TURNS = 5;

/**
 * Asks for a run of the newest commit, after what an earlier start has left is cancelled.
 * @throws Error if the server refuses
 */
export async function triggerOwnRun(wish: Wish): Promise<void> {
  for (let turn = 1; ; turn += 1) {
    await cancelEarlier(wish);
    const answer = await ask(wish, 'POST', `/api/pipelines/${wish.pipeline}/schedule`);
    if (answer.status === 202) return;
    const text = await answer.text();
    const isBusy = answer.status === 409 && text.includes('still in progress');
    // The server polls, has seen the commit first, and runs it by itself.
    if (isBusy && wish.startedAt !== Infinity) return;
    // What was cancelled made room for a commit that the server had seen long ago.
    if (isBusy && turn < TURNS) continue;
    throw new Error(`The pipeline could not be triggered: ${answer.status} ${text}`);
  }
}

async function cancelEarlier(wish: Wish): Promise<void> {
  const answer = await ask(wish, 'GET', `/api/pipelines/${wish.pipeline}/history?page_size=100`);
  if (!answer.ok)
    throw new Error(`The server does not tell its runs: ${answer.status} ${await answer.text()}`);
  const { pipelines } = (await answer.json()) as { readonly pipelines: readonly Instance[] };
  const earlier = pipelines.filter((instance) => instance.scheduled_date < wish.startedAt);
  wish.onEarlier(Math.max(0, ...earlier.map(({ counter }) => counter)));
  for (const { counter, stages } of earlier) {
    for (const stage of stages.filter(isActive)) {
      const locator = `${wish.pipeline}/${counter}/${stage.name}/${stage.counter}`;
      const cancelled = await ask(wish, 'POST', `/api/stages/${locator}/cancel`);
      if (!cancelled.ok)
        throw new Error(`${locator}, left by an earlier start, could not be cancelled: ${cancelled.status}`);
      wish.print(`Cancelled what an earlier start has left: ${wish.pipeline} ${counter}, ${stage.name}`);
    }
  }
}

function isActive({ scheduled, status }: Stage): boolean {
  return scheduled && (status === 'Building' || status === 'Failing');
}

function ask({ serverUrl, token }: Wish, method: 'GET' | 'POST', path: string): Promise<Response> {
  return fetch(serverUrl + path, {
    method,
    headers: {
      accept: 'application/vnd.go.cd+json',
      authorization: `Bearer ${token}`,
      'x-gocd-confirm': 'true',
    },
  });
}
