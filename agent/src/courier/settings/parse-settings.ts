import type { Settings } from '@go-agent/protocol/launch-contract';
import { AppError } from '@go-agent/runtime/core';
import {
  CONTAINMENT_CHOICES,
  type ContainmentChoice,
  parseContainment,
} from '../../journal/containment-choice.ts';
import { isVerificationMode, type TlsSettings, VERIFICATION_MODES } from '../server/tls-options.ts';
import type { CourierSettings } from './courier-settings.ts';

const MS_PER_UNIT = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const BYTES_PER_UNIT = { B: 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 } as const;

/**
 * The courier's settings out of what the operator set, by kebab-case name. Names that are not known belong to others.
 * @throws AppError agent-settings, with all problems at once
 */
export function parseSettings(raw: Settings): CourierSettings {
  const problems: string[] = [];
  const number = (
    name: string,
    text: string | undefined,
    units: Readonly<Record<string, number>>,
    unit: string,
  ) => {
    const [, digits, suffix = unit] = /^(\d+)\s*([a-zA-Z]*)$/.exec(text ?? '') ?? [];
    const factor = units[suffix === '' ? unit : suffix];
    if (digits !== undefined && factor !== undefined) return Number(digits) * factor;
    problems.push(
      `${name} is "${text}"; expected a number with one of the units ${Object.keys(units).join(', ')}`,
    );
    return 0;
  };
  const time = (name: string, fallback: string) => number(name, raw[name] ?? fallback, MS_PER_UNIT, 'ms');
  const size = (name: string, fallback: string) => number(name, raw[name] ?? fallback, BYTES_PER_UNIT, 'B');
  const settings: CourierSettings = {
    pingDelayMs: time('ping-delay', '1500ms'),
    pingIntervalMs: time('ping-interval', '5s'),
    pingWaitMs: time('ping-wait', '5s'),
    workWaitMs: time('work-wait', '30s'),
    instructionIntervalMs: time('instruction-interval', '10s'),
    workBackoffMs: time('work-backoff', '1s'),
    workBackoffMaxMs: time('work-backoff-max', '10s'),
    registrationRetryMs: time('registration-retry', '5s'),
    consoleIntervalMs: time('console-interval', '100ms'),
    stockConsoleIntervalMs: time('stock-console-interval', '1s'),
    connectTimeoutMs: time('connect-timeout', '10s'),
    answerTimeoutMs: time('answer-timeout', '60s'),
    graceMs: time('grace', '10s'),
    onCancelMs: time('on-cancel-limit', '60s'),
    spareHostIdleMs: time('spare-host-idle', '10m'),
    diskLimitBytes: size('disk-limit', '100M'),
    spaceLimits: {
      maxAgeMs: time('workspace-max-age', '30d'),
      maxBytes: size('workspace-max-size', '50G'),
    },
    ...(raw['run-jobs-as'] ? { runJobsAs: raw['run-jobs-as'] } : {}),
    containment: containment(raw['containment'], problems),
    tls: tlsSettings(raw, problems),
  };
  if (problems.length > 0) throw new AppError('agent-settings', `Wrong settings: ${problems.join('; ')}`);
  return settings;
}

function containment(text: string | undefined, problems: string[]): ContainmentChoice {
  const choice = parseContainment(text);
  if (choice === undefined)
    problems.push(`containment is "${text}"; expected one of ${CONTAINMENT_CHOICES.join(', ')}`);
  return choice ?? 'best';
}

function tlsSettings(raw: Settings, problems: string[]): TlsSettings {
  const mode = (raw['ssl-verification-mode'] ?? 'FULL').toUpperCase();
  const file = (key: keyof TlsSettings, name: string) => (raw[name] ? { [key]: raw[name] } : {});
  if (!isVerificationMode(mode)) {
    problems.push(`ssl-verification-mode is "${mode}"; expected one of ${VERIFICATION_MODES.join(', ')}`);
  }
  return {
    mode: isVerificationMode(mode) ? mode : 'FULL',
    ...file('rootCertFile', 'root-cert-file'),
    ...file('certificateFile', 'ssl-certificate-file'),
    ...file('privateKeyFile', 'ssl-private-key-file'),
    ...file('passphraseFile', 'ssl-private-key-passphrase-file'),
  };
}
