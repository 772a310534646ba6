import { type Setting, setting } from './setting.ts';

const tls = { parts: ['launcher', 'agent'], kind: 'file' } as const;
const time = { parts: ['agent'], kind: 'time' } as const;

/** How launcher and agent talk to the server. */
export const connectionSettings: readonly Setting[] = [
  setting({ ...tls, name: 'root-cert-file', about: "certificates to trust instead of the system's" }),
  setting({
    name: 'ssl-verification-mode',
    parts: ['launcher', 'agent'],
    kind: 'choice',
    choices: ['FULL', 'NO_VERIFY_HOST', 'NONE'],
    default: 'FULL',
    about: "how the server's certificate is checked",
  }),
  setting({ ...tls, name: 'ssl-certificate-file', about: "the agent's own certificate" }),
  setting({ ...tls, name: 'ssl-private-key-file', about: "the key of the agent's own certificate" }),
  setting({
    ...tls,
    name: 'ssl-private-key-passphrase-file',
    about: 'file that holds the passphrase of that key',
  }),
  setting({ ...time, name: 'ping-delay', default: '1500ms', about: 'from the start to the first ping' }),
  setting({ ...time, name: 'ping-interval', default: '5s', about: 'the pause between two pings' }),
  setting({
    ...time,
    name: 'ping-wait',
    default: '5s',
    about: 'how long the server may hold a ping; 0: not at all',
  }),
  setting({
    ...time,
    name: 'work-wait',
    default: '30s',
    about: 'how long the server may hold a request for work; 0: not at all',
  }),
  setting({
    ...time,
    name: 'instruction-interval',
    default: '10s',
    about: 'net under the instructions that pings bring',
  }),
  setting({
    ...time,
    name: 'work-backoff',
    default: '1s',
    about: 'pause after a request without work; it grows',
  }),
  setting({ ...time, name: 'work-backoff-max', default: '10s', about: 'what that pause grows to' }),
  setting({
    ...time,
    name: 'registration-retry',
    default: '5s',
    about: 'pause while the agent is not approved',
  }),
  setting({
    ...time,
    name: 'console-interval',
    default: '100ms',
    about: 'shortest time between two uploads of the console to a server of ours',
  }),
  setting({
    ...time,
    name: 'stock-console-interval',
    default: '1s',
    about: 'the same to a stock server',
  }),
  setting({ ...time, name: 'connect-timeout', default: '10s', about: 'patience with connections' }),
  setting({ ...time, name: 'answer-timeout', default: '60s', about: 'patience with answers' }),
];
