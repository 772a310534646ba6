import { ConsoleTag } from '@go-agent/protocol';
import { type Clock, sendSignal } from '@go-agent/runtime/core';
import type { JobConsole } from '../console/job-console.ts';
import type { ProcessConversation } from '../tasks/process-runner.ts';
import { decodePluginMessage, EXECUTE_ID } from './plugin-message.ts';
import { readLines, TOO_LONG } from './read-lines.ts';

const MAX_LINE_BYTES = 16 * 1024 * 1024;
/** How much of what is no message is shown. Characters. */
const SHOWN = 200;
/** How long a plugin may take to go once it has answered, and after the first signal. */
const FAREWELL_MS = 5000;
/** What an exited plugin has written has been read by then, whoever holds the pipe. */
const DRAIN_MS = 200;

export type PluginAnswer =
  | { readonly kind: 'result'; readonly success: boolean; readonly message: string }
  | { readonly kind: 'error'; readonly message: string }
  /** It broke the rules; `message` says how. */
  | { readonly kind: 'garbage'; readonly message: string }
  /** It ended without an answer. */
  | { readonly kind: 'silent' };

export interface ConverseOptions {
  readonly params: unknown;
  readonly console: JobConsole;
  readonly clock: Clock;
  readonly cancelled: AbortSignal;
}

/** One `execute`, from the request to the plugin's end. Never rejects. */
export async function converse(
  conversation: ProcessConversation,
  options: ConverseOptions,
): Promise<PluginAnswer> {
  const { stdin, exited } = conversation;
  const { params, cancelled } = options;
  stdin.write(message({ id: EXECUTE_ID, method: 'execute', params }));
  const cancel = () => void stdin.write(message({ method: 'cancel' }));
  if (cancelled.aborted) cancel();
  cancelled.addEventListener('abort', cancel, { once: true });
  const answer = await listen(conversation, options);
  stdin.end();
  // What it still has to say is nobody's; but it shall not be held up.
  conversation.stdout.resume();
  await seeOff(conversation, answer.kind === 'garbage' ? 0 : FAREWELL_MS, options.clock);
  cancelled.removeEventListener('abort', cancel);
  await exited;
  return answer;
}

async function listen(
  { stdin, stdout, exited }: ProcessConversation,
  { console, clock }: ConverseOptions,
): Promise<PluginAnswer> {
  const streams = {
    stdout: console.stream(ConsoleTag.taskOut),
    stderr: console.stream(ConsoleTag.taskError),
  };
  const over = new AbortController();
  void exited.then(() => clock.sleep(DRAIN_MS, over.signal)).then(() => stdout.destroy());
  try {
    for await (const line of readLines(stdout.iterator({ destroyOnReturn: false }), MAX_LINE_BYTES)) {
      if (line === TOO_LONG) return garbage(`a line of more than ${MAX_LINE_BYTES} bytes`);
      if (line.trim() === '') continue;
      const said = decodePluginMessage(line);
      if (!said) return garbage(line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line);
      switch (said.kind) {
        case 'console':
          streams[said.stream].write(Buffer.from(said.text));
          // Reads no faster than the disk takes it.
          if (console.sink.congested) await console.sink.flush();
          break;
        case 'request':
          stdin.write(message({ id: said.id, error: { code: -32601, message: 'There is no such method' } }));
          break;
        case 'ignored':
          break;
        default:
          return said;
      }
    }
    return { kind: 'silent' };
  } catch {
    // Its pipe was cut off, by itself or after its exit.
    return { kind: 'silent' };
  } finally {
    over.abort();
    streams.stdout.end();
    streams.stderr.end();
  }
}

/** Waits for the plugin's exit; helps if that takes too long. Its children are the job's and stay. */
async function seeOff(
  { process, exited }: ProcessConversation,
  patienceMs: number,
  clock: Clock,
): Promise<void> {
  const gone = new AbortController();
  void exited.then(() => gone.abort());
  if (!(await clock.sleep(patienceMs, gone.signal))) return;
  sendSignal(process, 'SIGTERM');
  if (!(await clock.sleep(FAREWELL_MS, gone.signal))) return;
  sendSignal(process, 'SIGKILL');
}

function garbage(text: string): PluginAnswer {
  return { kind: 'garbage', message: text };
}

function message(fields: object): string {
  return `${JSON.stringify({ jsonrpc: '2.0', ...fields })}\n`;
}
