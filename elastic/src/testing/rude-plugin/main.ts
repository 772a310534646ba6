// A plugin that was not made with the kit, and has bad manners: RUDE_MANNER says which. Its agents are files.
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

type Json = { [key: string]: unknown };

const manner = process.env['RUDE_MANNER'] ?? '';
const world = process.env['RUDE_WORLD'] ?? '';
const made = new Set<string>();
const answers = new Map<number, (result: Json) => void>();
const onTheWay = new Map<number, string>();
let serverId = '';
let nextId = 1;
let hasDawdled = false;

function send(message: object): void {
  const text = JSON.stringify({ jsonrpc: '2.0', ...message });
  process.stdout.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}

function ask(method: string, params: object): Promise<Json> {
  const id = nextId++;
  send({ id, method, params });
  return new Promise((resolve) => answers.set(id, resolve));
}

async function start(profileId: string, jobId?: number): Promise<string | null> {
  const agentId = manner === 'same-id' ? 'agent' : `agent-${randomBytes(6).toString('hex')}`;
  const wish = { clusterId: 'bench', profileId, agentId, jobId };
  const key = await ask('create-registration-key', wish);
  if (key['type'] !== 'created') {
    if (manner === 'insists') await ask('create-registration-key', { ...wish, agentId: `${agentId}-please` });
    return null;
  }
  if (manner === 'leaks') process.stderr.write(`info the key is ${String(key['key'])}\n`);
  made.add(agentId);
  if (jobId !== undefined) onTheWay.set(jobId, agentId);
  if (manner !== 'never-starts') writeFileSync(join(world, agentId), serverId);
  return agentId;
}

async function decide(job: Json, free: Json[]): Promise<object> {
  const jobId = Number(job['jobId']);
  const profileId = String((job['profile'] as Json)['id']);
  if (manner === 'invents') return { action: 'assign', jobId, agentId: 'agent-of-my-dreams' };
  const agent = free.findIndex(
    (each) =>
      !job['environment'] || (each['environments'] as string[]).includes(job['environment'] as string),
  );
  if (agent >= 0) return { action: 'assign', jobId, agentId: free.splice(agent, 1)[0]?.['agentId'] };
  const known = manner === 'impatient' ? undefined : onTheWay.get(jobId);
  const agentId = known ?? (await start(profileId, jobId));
  const reason = manner === 'mute' ? '' : 'so it is';
  return agentId === null
    ? { action: 'wait', jobId, reason, askAgainMs: 60_000 }
    : { action: 'hold', jobId, agentId, reason, askAgainMs: 60_000 };
}

async function decideAll(jobs: Json[], free: Json[]): Promise<object[]> {
  const decisions: object[] = [];
  for (const job of jobs.slice(manner === 'forgets' ? 1 : 0)) decisions.push(await decide(job, free));
  return decisions;
}

function list(): object {
  const names = readdirSync(world).filter((name) => manner === 'all-servers' || isOwn(name));
  return {
    clusterIds: ['bench'],
    instances: names.map((agentId) => ({ agentId, clusterId: 'bench', state: 'running' })),
  };
}

function isOwn(name: string): boolean {
  if (manner === 'forgetful' && !made.has(name)) return false;
  return readFileSync(join(world, name), 'utf8') === serverId;
}

/** The oldest of those that it has made. */
async function endOne(): Promise<void> {
  const [agentId] = made;
  if (agentId === undefined) return;
  made.delete(agentId);
  rmSync(join(world, agentId), { force: true });
  await ask('instance-failed', { agentId, reason: 'It is tired' });
}

const FIELD = { key: 'region', title: 'Region', type: 'text', required: true, secret: false };

function validate(params: Json): Promise<never> | object {
  if (manner === 'dawdles' && !hasDawdled) {
    hasDawdled = true;
    return new Promise(() => undefined);
  }
  const missing = params['kind'] === 'cluster' && !(params['properties'] as Json)['region'];
  return { problems: missing && manner !== 'careless' ? [{ key: 'region', message: 'is missing' }] : [] };
}

async function startOne(profileId: string): Promise<object> {
  const agentId = await start(profileId);
  if (manner === 'generous') await start(profileId);
  return { agentIds: agentId === null ? [] : [agentId] };
}

async function handle(method: string, params: Json): Promise<unknown> {
  switch (method) {
    case 'initialize':
      serverId = String(params['serverId']);
      return {
        clusterFields: [FIELD, { ...FIELD, key: 'token', required: false, secret: true }],
        profileFields: [],
        statusReports: [],
      };
    case 'validate':
      return validate(params);
    case 'assign-work':
      if (manner === 'garbles') return 'as you like it';
      if (manner === 'prints') process.stdout.write('hello, I am a plugin\n');
      return { decisions: await decideAll(params['jobs'] as Json[], [...(params['agents'] as Json[])]) };
    case 'start-agents':
      return startOne(String((params['profile'] as Json)['id']));
    case 'stop-agent':
      if (manner !== 'keeps') rmSync(join(world, String(params['agentId'])), { force: true });
      return null;
    case 'list-instances':
      return list();
    case 'tick':
      if (manner === 'tires') await endOne();
      return null;
    case 'make-coffee':
      if (manner === 'brews') return 'here you are';
      throw new Error('no such method');
    default:
      return null;
  }
}

async function receive(message: Json): Promise<void> {
  const { id, method } = message;
  if (typeof method !== 'string') {
    answers.get(Number(id))?.((message['result'] ?? {}) as Json);
    return;
  }
  try {
    send({ id, result: (await handle(method, message['params'] as Json)) ?? null });
  } catch (error) {
    send({ id, error: { code: -32_601, message: String(error) } });
  }
}

let buffer = Buffer.alloc(0);
process.stdin.on('data', (chunk: Buffer) => {
  buffer = Buffer.concat([buffer, chunk]);
  for (;;) {
    const head = buffer.indexOf('\r\n\r\n');
    const length = Number(/Content-Length: (\d+)/i.exec(buffer.subarray(0, head).toString())?.[1]);
    if (head < 0 || buffer.length < head + 4 + length) return;
    const text = buffer.subarray(head + 4, head + 4 + length).toString();
    buffer = buffer.subarray(head + 4 + length);
    void receive(JSON.parse(text) as Json);
  }
});
process.stdin.on('end', () => {
  if (manner !== 'stays') process.exit(0);
  createServer().listen(0, '127.0.0.1');
});
