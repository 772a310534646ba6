import {
  type AgentIdentifier,
  type AgentRuntimeInfo,
  buildLocator,
  buildLocatorForDisplay,
} from '@go-agent/protocol';
import type { Logger } from '@go-agent/runtime';
import { type AgentEvent, type AgentState, IDLE, transition } from './agent-state.ts';
import { Bell } from './bell.ts';

/** What does not change while the process lives. The identifier is the key under which a server parks work. */
export interface AgentProfile {
  readonly identifier: AgentIdentifier;
  /** Absolute path of the home folder. */
  readonly location: string;
  readonly operatingSystemName: string;
  readonly bootstrapperVersion: string;
  readonly agentVersion: string;
  /** Set for elastic agents, which must always say so (reference 10.2 no. 9). */
  readonly elastic?: { readonly agentId: string; readonly pluginId: string };
}

/** The agent as its server sees it: who it is, what it does, and the cookie that proves it to be the newest process. */
export class AgentSelf {
  readonly profile: AgentProfile;
  /** Rings when the server is to hear of this agent at once: a job begins, or the server has just accepted it. */
  readonly pingDue = new Bell();
  /** Hears of each change of the state. */
  readonly observers = new Set<() => void>();
  readonly #log: Logger;
  #state: AgentState = IDLE;
  /** From get_cookie. */
  cookie: string | undefined;
  /** Free bytes where the pipelines are, as the last look found them. */
  usableSpace: number;

  constructor(profile: AgentProfile, usableSpace: number, log: Logger) {
    this.profile = profile;
    this.usableSpace = usableSpace;
    this.#log = log;
  }

  get state(): AgentState {
    return this.#state;
  }

  enter(event: AgentEvent): void {
    const next = transition(this.#state, event);
    if (next === this.#state) return;
    const buildId = next.kind === 'idle' ? undefined : next.job.buildId;
    this.#log.info({ from: this.#state.kind, to: next.kind, buildId }, 'The agent changes its state');
    this.#state = next;
    if (next.kind === 'building') this.pingDue.ring();
    for (const observer of this.observers) observer();
  }

  /** All fields, each time: a server overwrites what it has with what it gets (reference 4.3). */
  runtimeInfo(): AgentRuntimeInfo {
    const { identifier, location, operatingSystemName, elastic, ...versions } = this.profile;
    const fields = {
      identifier,
      ...statusOf(this.#state),
      location,
      usableSpace: this.usableSpace,
      operatingSystemName,
      agentBootstrapperVersion: versions.bootstrapperVersion,
      agentVersion: versions.agentVersion,
      ...(this.cookie === undefined ? {} : { cookie: this.cookie }),
    };
    if (elastic === undefined) return { type: 'AgentRuntimeInfo', ...fields };
    const { agentId, pluginId } = elastic;
    return { type: 'ElasticAgentRuntimeInfo', elasticAgentId: agentId, elasticPluginId: pluginId, ...fields };
  }
}

function statusOf(state: AgentState): Pick<AgentRuntimeInfo, 'runtimeStatus' | 'buildingInfo'> {
  if (state.kind === 'idle') {
    return { runtimeStatus: 'Idle', buildingInfo: { buildingInfo: '', buildLocator: '' } };
  }
  return {
    runtimeStatus: state.kind === 'building' ? 'Building' : 'Cancelled',
    buildingInfo: { buildingInfo: buildLocatorForDisplay(state.job), buildLocator: buildLocator(state.job) },
  };
}
