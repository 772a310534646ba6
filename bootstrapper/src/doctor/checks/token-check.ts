import { check, fail, ok, skipped, type Verdict, warn } from '../check.ts';
import { describeReached } from '../describe-reached.ts';
import { type AskedAsAgent, askAsAgent } from '../probes/ask-as-agent.ts';
import { identityFile } from '../probes/identity.ts';
import type { HttpAnswer } from '../probes/send-request.ts';
import type { Reached } from '../probes/server-probe.ts';

interface TokenFacts {
  readonly guid: string | undefined;
  readonly token: string | undefined;
  readonly asked?: Reached<AskedAsAgent>;
  /** The server's answer to a request for a token of this guid. */
  readonly issued?: Reached<HttpAnswer>;
}

export const tokenCheck = check({
  name: 'token',
  about: 'whether the server accepts this agent',
  async look(subject): Promise<TokenFacts> {
    const { home, probe } = subject;
    const [guid, token] = [await identityFile(home, 'guid.txt'), await identityFile(home, 'token')];
    if (guid === undefined) return { guid, token };
    const asked = token === undefined ? undefined : await askAsAgent(subject, guid, token);
    const isRefused = asked?.type === 'reached' && asked.value.status === 403;
    if (asked !== undefined && !isRefused) return { guid, token, asked };
    // Asking for it changes nothing: a token follows from the guid and the server's key.
    const path = `/admin/agent/token?uuid=${encodeURIComponent(guid)}`;
    const issued = await probe.request(path, { method: 'GET', headers: {} });
    return { guid, token, issued, ...(asked === undefined ? {} : { asked }) };
  },
  judge({ guid, token, asked, issued }) {
    if (guid === undefined) return skipped('the agent has not registered yet');
    if (asked !== undefined && asked.type !== 'reached') return skipped(describeReached(asked));
    if (asked !== undefined && asked.value.status !== 403)
      return ok(`the server accepts guid and token (it answered ${asked.value.status})`);
    if (issued?.type !== 'reached')
      return skipped(issued === undefined ? 'the server was not asked' : describeReached(issued));
    return judgeRefused(token, issued.value);
  },
});

function judgeRefused(token: string | undefined, issued: HttpAnswer): Verdict {
  if (token === undefined) {
    if (issued.status !== 409) return ok('there is no token yet; the agent gets one when it registers');
    return fail(
      'the server has given this guid a token, and config/token is missing here',
      'delete the agent on the server; or go-agent config new-guid, to start as a new one',
    );
  }
  if (issued.status === 409)
    return fail(
      'the server does not accept this agent: it awaits approval, or the token is not its own',
      "approve it on the server's agents page; should it be approved there, remove config/token and delete the agent on the server",
    );
  if (issued.status === 200 && issued.body.trim() !== token)
    return fail(
      'config/token belongs to another server, or the key of this server was changed',
      'check server-url; if it is right, remove config/token and restart the agent: it registers anew',
    );
  return warn(
    'the server does not know this agent: it was deleted there, or never registered',
    'start or restart the agent: it registers anew, with a key for automatic registration or approved by hand',
  );
}
