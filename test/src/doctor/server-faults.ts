import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type CertificateFor, selfSigned } from './certificates.ts';
import type { DoctorRun, DoctorWorld } from './doctor-world.ts';
import { type FakeAnswers, startFakeGocd } from './fake-gocd.ts';
import type { Plant } from './plant.ts';

const HOUR_MS = 3_600_000;

/** Faults on the way to the server, and of the server. */
export const serverFaults: Readonly<Record<string, Plant>> = {
  'name-unknown': () => ({ serverUrl: 'http://gocd.invalid:8153/go' }),
  'server-down': () => ({ serverUrl: 'http://127.0.0.1:1/go' }),
  'server-silent': async ({ resources }) => {
    const sockets = new Set<Socket>();
    const server = resources.adopt(
      createServer((socket) => sockets.add(socket)),
      (server) => {
        for (const socket of sockets) socket.destroy();
        server.close();
      },
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { serverUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/go` };
  },
  'server-another': (world) => answering(world, { health: { status: 200, body: '<h1>Please sign in</h1>' } }),
  'server-maintenance': (world) => answering(world, { health: { status: 503, body: '' } }),
  'clock-behind': (world) => answering(world, { aheadMs: HOUR_MS }),
  'clock-ahead': (world) => answering(world, { aheadMs: -100_000 }),
  'tls-none': ({ server }) => ({ serverUrl: server.url.replace('http:', 'https:') }),
  'tls-expired': (world) => overTls(world, { host: '127.0.0.1', fromDays: -30, toDays: -3 }),
  'tls-not-yet': (world) => overTls(world, { host: '127.0.0.1', fromDays: 3 }),
  'tls-expires-soon': (world) => overTls(world, { host: '127.0.0.1', toDays: 5 }),
  'tls-other-name': (world) => overTls(world, { host: 'elsewhere.example.com' }),
  'tls-untrusted': (world) => overTls(world, { host: '127.0.0.1' }, () => ({})),
  'tls-not-verified': (world) =>
    overTls(world, { host: '127.0.0.1' }, () => ({ args: ['--set', 'ssl-verification-mode=NONE'] })),
  'root-certificate-damaged': (world) =>
    overTls(world, { host: '127.0.0.1' }, (file) => {
      writeFileSync(file, 'this is no certificate');
      return { args: ['--set', `root-cert-file=${file}`] };
    }),
  'certificate-without-key': ({ folder }) => {
    const [own, other] = [join(folder, 'own.pem'), join(folder, 'other.key')];
    writeFileSync(own, selfSigned({ host: 'agent' }).cert);
    writeFileSync(other, selfSigned({ host: 'agent' }).key, { mode: 0o600 });
    return { args: ['--set', `ssl-certificate-file=${own}`, '--set', `ssl-private-key-file=${other}`] };
  },
};

async function answering(world: DoctorWorld, answers: Partial<FakeAnswers>): Promise<DoctorRun> {
  const { url } = world.resources.use(await startFakeGocd(answers));
  return { serverUrl: url };
}

/** A server whose certificate is trusted, unless `settings` says otherwise. */
async function overTls(
  world: DoctorWorld,
  what: CertificateFor,
  settings: (file: string) => DoctorRun = (file) => ({ args: ['--set', `root-cert-file=${file}`] }),
): Promise<DoctorRun> {
  const certificate = selfSigned(what);
  const file = join(world.folder, 'root.pem');
  writeFileSync(file, certificate.cert);
  const { url } = world.resources.use(await startFakeGocd({}, certificate));
  return { serverUrl: url, ...settings(file) };
}
