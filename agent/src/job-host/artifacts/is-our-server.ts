import { artifactFilePath, HeaderName, SHA256_CHECKSUM } from '@go-agent/protocol';
import type { Relay } from '../relay.ts';
import { Patience } from './patience.ts';
import type { TransferContext } from './transfer-context.ts';

const known = new WeakMap<Relay, Promise<boolean>>();

/** Whether the server takes files one by one (docs/artifacts.md). Asked once for a job, of a file that need not be there. */
export function isOurServer(context: TransferContext): Promise<boolean> {
  const before = known.get(context.relay);
  if (before !== undefined) return before;
  const answer = ask(context);
  known.set(context.relay, answer);
  answer.catch(() => known.delete(context.relay));
  return answer;
}

async function ask(context: TransferContext): Promise<boolean> {
  const path = artifactFilePath(context.assignment.work.assignment.jobIdentifier, SHA256_CHECKSUM);
  const { relay, cancelled: signal } = context;
  const answer = await new Patience(context).ask(() => relay.request({ method: 'HEAD', path, signal }));
  answer.body.resume();
  return answer.header(HeaderName.goAgentServer) === '1';
}
