import { object } from './decode/compounds.ts';
import { ROOT } from './decode/place.ts';
import { string } from './decode/scalars.ts';

/** The twelve fields of `POST /go/admin/agent`; all are sent, empty if unknown (reference 2.4). */
export interface RegistrationFields {
  readonly hostname: string;
  readonly uuid: string;
  /** Absolute path of the agent's home folder. Must not be empty. */
  readonly location: string;
  /** Free bytes, decimal. */
  readonly usablespace: string;
  readonly operatingSystem: string;
  readonly agentAutoRegisterKey: string;
  /** Comma-separated. */
  readonly agentAutoRegisterResources: string;
  /** Comma-separated. */
  readonly agentAutoRegisterEnvironments: string;
  readonly agentAutoRegisterHostname: string;
  readonly elasticAgentId: string;
  readonly elasticPluginId: string;
  readonly token: string;
}

const registrationFields = object<RegistrationFields>({
  hostname: string,
  uuid: string,
  location: string,
  usablespace: string,
  operatingSystem: string,
  agentAutoRegisterKey: string,
  agentAutoRegisterResources: string,
  agentAutoRegisterEnvironments: string,
  agentAutoRegisterHostname: string,
  elasticAgentId: string,
  elasticPluginId: string,
  token: string,
});

/**
 * The form's text, or an object of its fields. All twelve must be there (reference 2.4); whether they make sense is the
 * server's to judge. The first of repeated fields counts.
 */
export function decodeRegistrationFields(body: unknown): RegistrationFields {
  if (typeof body !== 'string') return registrationFields(body, ROOT);
  const form = new URLSearchParams(body);
  const fields = [...form.keys()].map((name) => [name, form.get(name)] as const);
  return registrationFields(Object.fromEntries(fields), ROOT);
}

/** `application/x-www-form-urlencoded`, in the stock agent's order. */
export function encodeRegistrationFields(fields: RegistrationFields): string {
  return new URLSearchParams(Object.entries(registrationFields(fields, ROOT))).toString();
}
