import type { HealthReport } from './health-report.ts';

/** Known to this version; a later agent may have others, which are then the only one with 1. */
const STATES = [
  'starting',
  'registering',
  'pending',
  'idle',
  'building',
  'cancelled',
  'draining',
  'drained',
  'disabled',
];

type Labels = Readonly<Record<string, string>>;

interface Metric {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly samples: readonly (readonly [labels: Labels, value: number])[];
}

/** The report in the text format of Prometheus, version 0.0.4. What is not known is left out. */
export function metricsText(report: HealthReport): string {
  const { agent, launcher } = report;
  const state = agent?.state ?? 'none';
  const lastContact = agent?.lastContact === undefined ? undefined : Date.parse(agent.lastContact) / 1000;
  const versions = {
    version: report.version,
    launcher: launcher?.version ?? '',
    agent: agent?.version ?? '',
  };
  const metrics: readonly Metric[] = [
    gauge('healthy', '1 if there are no problems.', report.status === 'ok'),
    { ...gauge('info', 'Versions, as labels.'), samples: [[versions, 1]] },
    gauge('uptime_seconds', 'Of the bootstrapper.', report.uptimeSeconds),
    { ...gauge('relaunches_total', 'Launches after the first one.', report.restarts), type: 'counter' },
    gauge('crash_loop', '1 if the agent ends again and again.', report.crashLoop),
    gauge('connected', '1 if the server answers pings.', agent?.connected === true),
    {
      ...gauge('state', '1 for the state that the agent is in.'),
      samples: [...new Set([...STATES, state])].map((name) => [{ state: name }, Number(name === state)]),
    },
    gauge('asks_for_work', '0 if something keeps the agent from asking.', asksForWork(agent)),
    gauge('last_contact_timestamp_seconds', 'Of the last answered ping.', lastContact),
    gauge('disk_free_bytes', 'Where jobs work.', agent?.disk?.freeBytes),
    gauge('disk_free_inodes', 'Where jobs work.', agent?.disk?.freeInodes),
  ];
  return metrics.map(metricLines).join('');
}

function asksForWork(agent: HealthReport['agent']): boolean {
  return agent !== undefined && agent.notAskingBecause === undefined;
}

function gauge(name: string, help: string, value?: number | boolean): Metric {
  return {
    name: `go_agent_${name}`,
    type: 'gauge',
    help,
    samples: value === undefined ? [] : [[{}, Number(value)]],
  };
}

function metricLines({ name, type, help, samples }: Metric): string {
  if (samples.length === 0) return '';
  const values = samples.map(([labels, value]) => `${name}${labelText(labels)} ${value}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...values, ''].join('\n');
}

function labelText(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
