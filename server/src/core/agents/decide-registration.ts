// Whether an agent may register (reference: agent-protocol 2.4, 2.5; server-agents-jobs-elastic 1.6).

import { isIP } from 'node:net';
import type { RegistrationForm } from '../../core.ts';
import { resourceProblem } from '../../domain/names.ts';

const MAX_PENDING_AGENTS = 100;

export type RegistrationDecision =
  | {
      readonly type: 'enable';
      readonly hostName: string;
      readonly resources: readonly string[];
      readonly environments: readonly string[];
    }
  | { readonly type: 'already-registered' }
  | { readonly type: 'pending' }
  | { readonly type: 'reject'; readonly message: string };

export interface RegistrationSituation {
  readonly isRegistered: boolean;
  readonly isPending: boolean;
  readonly pendingAgents: number;
  /** The form's key is the server's, and the server's is not empty. */
  readonly keyAccepted: boolean;
  readonly autoRegisterLocalAgents: boolean;
}

/** The token has been checked before. */
export function decideRegistration(
  form: RegistrationForm,
  situation: RegistrationSituation,
): RegistrationDecision {
  const problem = formProblem(form);
  if (problem !== undefined) return { type: 'reject', message: problem };
  if (situation.isRegistered) return { type: 'already-registered' };
  const hostName = form.hostName;
  if (situation.keyAccepted) {
    const resources = unique(form.autoRegisterResources);
    const bad = resources.map(resourceProblem).find((found) => found !== undefined);
    if (bad !== undefined) return { type: 'reject', message: prefixed(bad) };
    const environments = unique(form.autoRegisterEnvironments);
    return {
      type: 'enable',
      hostName: form.autoRegisterHostName.trim() || hostName,
      resources,
      environments,
    };
  }
  if (situation.autoRegisterLocalAgents && form.isLocal) {
    return { type: 'enable', hostName, resources: [], environments: [] };
  }
  if (!situation.isPending && situation.pendingAgents >= MAX_PENDING_AGENTS) {
    return {
      type: 'reject',
      message: prefixed(`Max pending agents allowed ${MAX_PENDING_AGENTS}, limit reached`),
    };
  }
  return { type: 'pending' };
}

function formProblem(form: RegistrationForm): string | undefined {
  const { elasticAgentId, elasticPluginId } = form;
  const [hasAgentId, hasPluginId] = [elasticAgentId.trim() !== '', elasticPluginId.trim() !== ''];
  if (hasAgentId && hasPluginId) {
    // The key itself stays out of the message: it would end up in logs.
    return (
      'Elastic agent registration requires an auto-register agent key to be setup on the server. The agentAutoRegisterKey is ' +
      `either not provided or expired. Agent-id: [${elasticAgentId}], Plugin-id: [${elasticPluginId}]`
    );
  }
  if (form.uuid.trim() === '') return prefixed('UUID cannot be empty');
  if (isIP(form.ipAddress) === 0) return prefixed(`'${form.ipAddress}' is an invalid IP address.`);
  if (hasAgentId !== hasPluginId)
    return 'Elastic agents must submit both elasticAgentId and elasticPluginId.';
  if (!/^-?\d{1,19}$/.test(form.usableSpace))
    return prefixed(`The usable space '${form.usableSpace.slice(0, 100)}' is not a number of bytes.`);
  if (form.location.trim() === '') return prefixed('Agent should not register without installation path.');
  return undefined;
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.trim()).filter((name) => name !== ''))].sort();
}

function prefixed(message: string): string {
  return `Error occurred during agent registration process: ${message}`;
}
