import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AutoRegisterProperties,
  parseAutoRegisterProperties,
  scrubAutoRegisterProperties,
} from '@go-agent/protocol';
import type { Settings } from '@go-agent/protocol/launch-contract';
import { describeError, writeFileAtomic } from '@go-agent/runtime/core';

type Environment = Readonly<Record<string, string | undefined>>;

interface Source {
  readonly setting: string;
  readonly variables: readonly string[];
}

const SOURCES: Readonly<Record<keyof AutoRegisterProperties, Source>> = {
  key: source('auto-register-key', 'AGENT_AUTO_REGISTER_KEY', 'GO_EA_AUTO_REGISTER_KEY'),
  resources: source('auto-register-resources', 'AGENT_AUTO_REGISTER_RESOURCES'),
  environments: source(
    'auto-register-environments',
    'AGENT_AUTO_REGISTER_ENVIRONMENTS',
    'GO_EA_AUTO_REGISTER_ENVIRONMENT',
  ),
  hostname: source('auto-register-hostname', 'AGENT_AUTO_REGISTER_HOSTNAME'),
  elasticAgentId: source('elastic-agent-id', 'GO_EA_AUTO_REGISTER_ELASTIC_AGENT_ID'),
  elasticPluginId: source('elastic-plugin-id', 'GO_EA_AUTO_REGISTER_ELASTIC_PLUGIN_ID'),
};

function source(setting: string, ...variables: string[]): Source {
  return { setting, variables };
}

/** The operator's settings before the environment before the file, as everywhere. */
export function resolveAutoRegister(
  settings: Settings,
  environment: Environment,
  file: AutoRegisterProperties,
): AutoRegisterProperties {
  const pick = (name: keyof AutoRegisterProperties): string => {
    const { setting, variables } = SOURCES[name];
    const given = [settings[setting], ...variables.map((variable) => environment[variable]), file[name]];
    return given.find((value) => value !== undefined && value.trim() !== '')?.trim() ?? '';
  };
  return {
    key: pick('key'),
    resources: pick('resources'),
    environments: pick('environments'),
    hostname: pick('hostname'),
    elasticAgentId: pick('elasticAgentId'),
    elasticPluginId: pick('elasticPluginId'),
  };
}

/** What to register with. `problem`: why a file that may hold the key was of no use. */
export type FoundRegistration = AutoRegisterProperties & { readonly problem?: string };

/** `config/autoregister.properties` of a home folder, with the operator's settings and environment over it. */
export class AutoRegisterFile {
  readonly #path: string;
  readonly #settings: Settings;
  readonly #environment: Environment;

  constructor(home: string, settings: Settings, environment: Environment) {
    this.#path = join(home, 'config', 'autoregister.properties');
    this.#settings = settings;
    this.#environment = environment;
  }

  /** A file that cannot be read is no error: once an agent is registered, its key may be taken away. */
  async read(): Promise<FoundRegistration> {
    const problems: string[] = [];
    const orNothing = (error: unknown) => {
      problems.push(
        `the key for automatic registration may be where it cannot be read: ${describeError(error)}`,
      );
      return '';
    };
    const keyFile = this.#settings['auto-register-key-file'];
    const key = keyFile === undefined ? '' : (await readFile(keyFile, 'utf8').catch(orNothing)).trim();
    const file = parseAutoRegisterProperties(await this.#text().catch(orNothing));
    const found = resolveAutoRegister(
      { 'auto-register-key': key, ...this.#settings },
      this.#environment,
      file,
    );
    return problems.length === 0 ? found : { ...found, problem: problems.join('; ') };
  }

  /** After a registration: the key has done its work. */
  async scrub(): Promise<void> {
    const text = await this.#text();
    if (text === '') return;
    const scrubbed = scrubAutoRegisterProperties(text);
    if (scrubbed !== text) await writeFileAtomic(this.#path, scrubbed, { mode: 0o600 });
  }

  async #text(): Promise<string> {
    return readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
  }
}
