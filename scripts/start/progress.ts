// Follows one pipeline instance over the server's own API and tells the terminal about it.

interface JobState {
  readonly pipeline: string;
  readonly counter: number;
  readonly stage: string;
  readonly stageCounter: number;
  readonly job: string;
  readonly state: string;
  readonly result: string;
}

interface StageState {
  readonly name: string;
  readonly counter: number;
  readonly state: string;
  readonly createdAt: number;
  readonly completedAt?: number;
}

type ServerEvent =
  | {
      readonly type: 'pipeline-scheduled';
      readonly pipeline: string;
      readonly counter: number;
      readonly label: string;
    }
  | {
      readonly type: 'stage-changed';
      readonly pipeline: string;
      readonly counter: number;
      readonly stage: StageState;
    }
  | { readonly type: 'job-changed'; readonly job: JobState }
  | { readonly type: 'agent-changed' | 'config-changed' | 'health-changed' };

/** How an instance ended: its last stage's state. */
export type PipelineEnd = { readonly counter: number; readonly passed: boolean };

export interface Follow {
  readonly serverUrl: string;
  readonly pipeline: string;
  /** Name of the stage after which a passed instance is over. */
  readonly lastStage: string;
  /** Of runs that an earlier start has left nothing is told. */
  isEarlier(counter: number): boolean;
  readonly signal: AbortSignal;
  print(line: string): void;
  onEnd(end: PipelineEnd): void;
  /** The server says why there will be no instance. */
  onProblem(problem: string): void;
}

/** Prints what happens to every instance of the pipeline until `signal` is aborted. Consoles follow in the background. */
export async function followPipeline(follow: Follow, onConnected: () => void): Promise<void> {
  const seenStages = new Map<string, string>();
  const consoles = new Map<string, Promise<void>>();
  const problems = new Set<string>();
  const isOurs = (run: { readonly pipeline: string; readonly counter: number }) =>
    run.pipeline === follow.pipeline && !follow.isEarlier(run.counter);
  for await (const event of events(follow, onConnected)) {
    if (event.type === 'pipeline-scheduled' && isOurs(event)) {
      follow.print(`\n${event.pipeline} ${event.label}: scheduled`);
    } else if (event.type === 'job-changed' && isOurs(event.job)) {
      followJob(follow, event.job, consoles);
    } else if (event.type === 'health-changed') {
      await tellProblems(follow, problems);
    } else if (event.type === 'stage-changed' && isOurs(event)) {
      const key = `${event.counter}/${event.stage.name}/${event.stage.counter}`;
      if (seenStages.get(key) === event.stage.state) continue;
      seenStages.set(key, event.stage.state);
      await followStage(follow, event.counter, event.stage, consoles);
    }
  }
}

async function followStage(
  follow: Follow,
  counter: number,
  stage: StageState,
  consoles: ReadonlyMap<string, Promise<void>>,
): Promise<void> {
  if (stage.state === 'building') follow.print(`\n${stage.name}: started`);
  if (stage.state === 'building' || stage.state === 'failing') return;
  await Promise.allSettled(consoles.values());
  const seconds = ((stage.completedAt ?? Date.now()) - stage.createdAt) / 1000;
  follow.print(`${stage.name}: ${stage.state} in ${seconds.toFixed(1)} s`);
  if (stage.state !== 'passed') follow.onEnd({ counter, passed: false });
  else if (stage.name === follow.lastStage) follow.onEnd({ counter, passed: true });
}

async function tellProblems(follow: Follow, known: Set<string>): Promise<void> {
  const answer = await fetch(`${follow.serverUrl}/api/server_health_messages`, {
    headers: { accept: 'application/vnd.go.cd.v1+json' },
    signal: follow.signal,
  });
  for (const { message, detail } of (await answer.json()) as { message: string; detail: string }[]) {
    const problem = `${message}: ${detail}`;
    if (known.has(problem)) continue;
    known.add(problem);
    follow.print(`! ${problem}`);
    if (message.startsWith('Could not trigger')) follow.onProblem(problem);
  }
}

function followJob(follow: Follow, job: JobState, consoles: Map<string, Promise<void>>): void {
  const locator = `${job.pipeline}/${job.counter}/${job.stage}/${job.stageCounter}/${job.job}`;
  if (job.state === 'completed') follow.print(`  ${job.stage}/${job.job}: ${job.result}`);
  if (consoles.has(locator) || !['preparing', 'building'].includes(job.state)) return;
  consoles.set(locator, followConsole(follow, locator, job.job));
}

/** Prints the console of a job line by line until the job is over and all of it is printed. */
async function followConsole(follow: Follow, locator: string, name: string): Promise<void> {
  const url = `${follow.serverUrl}/files/${encodeURI(locator)}/cruise-output/console.log`;
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (let offset = 0, over = false; !over; ) {
      const answer = await fetch(`${url}?offset=${offset}`, {
        headers: { prefer: 'wait=20' },
        signal: follow.signal,
      });
      const bytes = new Uint8Array(await answer.arrayBuffer());
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      over = answer.headers.get('job-state') === 'completed' && bytes.length === 0;
      offset += bytes.length;
      const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) follow.print(`  ${name} | ${plain(line)}`);
    }
  } catch (error) {
    if (!follow.signal.aborted) follow.print(`  ${name} | (console not available: ${String(error)})`);
  }
}

/** Without the tag and the time, which are for machines. */
function plain(line: string): string {
  return line.replace(/^..\|\d\d:\d\d:\d\d\.\d\d\d /, '');
}

async function* events(follow: Follow, onConnected: () => void): AsyncGenerator<ServerEvent> {
  const answer = await fetch(`${follow.serverUrl}/api/v1/events`, { signal: follow.signal });
  if (!answer.ok || !answer.body) throw new Error(`The server offers no events: status ${answer.status}`);
  onConnected();
  try {
    for await (const line of lines(answer.body)) {
      if (line.startsWith('data:')) yield JSON.parse(line.slice(5)) as ServerEvent;
    }
  } catch (error) {
    if (!follow.signal.aborted) throw error;
  }
}

async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest) yield rest;
}
