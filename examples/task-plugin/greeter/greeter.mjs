// A task plugin without any library: it greets everybody in its option `names`, one a line. See docs/task-plugins.md.
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const print = (text, stream = 'stdout') => send({ method: 'console', params: { stream, text: `${text}\n` } });

let cancelled = false;

async function execute({ task, environment, workingDirectory }) {
  const names = (task.config.names ?? '').split('\n').filter((name) => name.trim() !== '');
  if (names.length === 0) return { success: false, message: 'The option "names" is empty' };
  print(`Working for pipeline ${environment.GO_PIPELINE_NAME} in ${workingDirectory}`);
  for (const name of names) {
    if (cancelled) return { success: false, message: 'Cancelled' };
    print(`Hello, ${name}!`);
    await sleep(Number(task.config.pause ?? 0));
  }
  return { success: true, message: `Greeted ${names.length}` };
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { id, method, params } = JSON.parse(line);
    if (method === 'cancel') cancelled = true;
    if (method === 'execute') void execute(params).then((result) => send({ id, result }));
  })
  .on('close', () => process.exit(0));
