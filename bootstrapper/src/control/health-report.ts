import type { AgentStatus } from '@go-agent/protocol/launch-contract';
import type { BootstrapperStatus } from '../status.ts';
import type { AgentAnswer } from './agent-link.ts';

/** `GET /health`, and `health` of `go-agent status --json`. Times are ISO 8601. */
export interface HealthReport {
  readonly status: 'ok' | 'failing';
  /** Sentences for the operator; none if the status is `ok`. */
  readonly problems: readonly string[];
  readonly version: string;
  readonly pid: number;
  readonly uptimeSeconds: number;
  readonly home: string;
  readonly serverUrl: string;
  readonly phase: BootstrapperStatus['phase'];
  readonly restarts: number;
  readonly crashLoop: boolean;
  readonly lastOutcome?: BootstrapperStatus['lastOutcome'];
  readonly launcher?: BootstrapperStatus['launcher'];
  readonly agent?: Omit<AgentStatus, 'lastContactAt'> & {
    readonly pid: number;
    readonly md5?: string;
    /** It has answered when it was asked just now. */
    readonly answers: boolean;
    readonly lastContact?: string;
  };
}

export interface HealthFacts {
  readonly status: BootstrapperStatus;
  readonly answer: AgentAnswer;
  /** What else is wrong: sentences. */
  readonly troubles: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Asked to be so by the operator or the server. A job that is being ended has been asked to be, and keeps from work by itself. */
const AS_WISHED = ['draining', 'drained', 'disabled', 'cancelled'];

export function healthReport({ status, answer, troubles, now }: HealthFacts): HealthReport {
  const { process, phase, restarts, crashLoop, lastOutcome, launcher, home, serverUrl } = status;
  const problems = [...troubles, ...problemsOf(status, answer)];
  return {
    status: problems.length === 0 ? 'ok' : 'failing',
    problems,
    version: status.bootstrapperVersion,
    pid: process.pid,
    uptimeSeconds: Math.max(0, Math.round((now - Date.parse(status.since)) / 1000)),
    home,
    serverUrl,
    phase,
    restarts,
    crashLoop,
    ...(lastOutcome === undefined ? {} : { lastOutcome }),
    ...(launcher === undefined ? {} : { launcher }),
    ...(status.agent === undefined ? {} : { agent: agentPart(status.agent, answer) }),
  };
}

function agentPart(
  known: NonNullable<BootstrapperStatus['agent']>,
  { status, fresh }: AgentAnswer,
): NonNullable<HealthReport['agent']> {
  const { lastContactAt, ...rest } = status ?? { connected: false, state: 'unknown' };
  return {
    ...known,
    answers: fresh,
    ...rest,
    connected: fresh && rest.connected,
    ...(lastContactAt === undefined ? {} : { lastContact: new Date(lastContactAt).toISOString() }),
  };
}

function problemsOf(status: BootstrapperStatus, { status: agent, fresh }: AgentAnswer): string[] {
  const { phase, detail, crashLoop, lastOutcome, serverUrl } = status;
  const problems: string[] = [];
  if (crashLoop)
    problems.push(`The agent ends again and again: ${lastOutcome?.meaning ?? 'see go-agent logs'}`);
  if (status.agent === undefined)
    problems.push(`There is no agent; phase ${phase}${detail === undefined ? '' : `: ${detail}`}`);
  else if (!fresh) problems.push('The agent does not answer. go-agent restart replaces it');
  else if (agent !== undefined) problems.push(...agentProblems(agent, serverUrl));
  return problems;
}

/** What is wrong with an agent that answers: sentences for the operator. */
export function agentProblems(agent: AgentStatus, serverUrl: string): string[] {
  const problems: string[] = [];
  if (agent.state === 'pending')
    problems.push(`This agent awaits approval on the agents page of ${serverUrl}`);
  if (agent.state === 'registering' || agent.state === 'pending') {
    if (agent.problem !== undefined)
      problems.push(`${serverUrl} has not accepted this agent yet: ${agent.problem}`);
    else if (agent.state === 'registering') problems.push(`${serverUrl} has not been reached yet`);
  } else if (!agent.connected) {
    const since =
      agent.lastContactAt === undefined ? 'ever' : `since ${new Date(agent.lastContactAt).toISOString()}`;
    problems.push(`No contact with ${serverUrl} ${since}`);
  }
  if (agent.notAskingBecause !== undefined && !AS_WISHED.includes(agent.state))
    problems.push(`No work is asked for: ${agent.notAskingBecause}`);
  return problems;
}
