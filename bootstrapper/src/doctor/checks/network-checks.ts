import { check, fail, ok, skipped, warn } from '../check.ts';
import { describeReached } from '../describe-reached.ts';
import { durationInWords } from '../in-words.ts';

export const dnsCheck = check({
  name: 'dns',
  about: "the server's name",
  look: ({ probe }) => probe.addresses(),
  judge(addresses, { probe: { host } }) {
    if (addresses.type === 'reached') return ok(`${host} is ${addresses.value.join(', ')}`);
    if (addresses.type !== 'failed') return skipped(describeReached(addresses));
    if (addresses.code === 'ENOTFOUND')
      return fail(
        `the name ${host} is not known`,
        'check server-url for typing errors, and /etc/hosts and /etc/resolv.conf',
      );
    return fail(
      `the name ${host} cannot be looked up (${addresses.code})`,
      'check the name servers in /etc/resolv.conf: resolvectl status, getent hosts NAME',
    );
  },
});

const CONNECT_REMEDY: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'check that the server runs, and the port in server-url',
  ENETUNREACH: 'check the network of this machine: ip route',
  EHOSTUNREACH: 'check the network between here and the server: ip route, firewalls',
};

export const serverCheck = check({
  name: 'server',
  about: 'whether the server can be reached, and is one',
  async look({ probe }) {
    const connection = await probe.connection();
    const answer = connection.type === 'reached' ? await probe.firstAnswer() : undefined;
    return { connection, answer };
  },
  judge({ connection, answer }, { probe: { host, port, url } }) {
    const place = `${host}:${port}`;
    if (connection.type === 'failed') {
      const { code } = connection;
      const how = code === 'deadline-exceeded' ? 'nothing answers' : code;
      return fail(
        `there is no connection to ${place} (${how})`,
        CONNECT_REMEDY[code] ??
          'check that the server runs and that no firewall drops what is sent to it; the agent uses no proxy',
      );
    }
    if (connection.type !== 'reached') return skipped(describeReached(connection));
    if (answer === undefined || answer.type === 'no-server' || answer.type === 'blocked')
      return ok(`${place} takes connections`);
    if (answer.type === 'failed')
      return fail(
        `${place} takes connections, and answers nothing that makes sense (${answer.code})`,
        "check that server-url has the server's scheme and port; https is not http, and a proxy may be in between",
      );
    const { status, isServer } = answer.value;
    if (isServer) return ok(`a server answers at ${url?.href}`);
    if (status === 503)
      return warn(
        'the server answers 503: it starts, or is under maintenance',
        'wait, or look at the server',
      );
    return fail(
      `what answers at ${url?.href} (status ${status}) is no GoCD server`,
      "check server-url, which ends in /go, and that no proxy or sign-in page answers in the server's place",
    );
  },
});

const MOST_SKEW_MS = 300_000;
const SOME_SKEW_MS = 30_000;

export const clockCheck = check({
  name: 'clock',
  about: "this machine's clock against the server's",
  look: ({ probe }) => probe.firstAnswer(),
  judge(answer) {
    if (answer.type !== 'reached') return skipped(describeReached(answer));
    const { skewMs } = answer.value;
    if (skewMs === undefined) return skipped('the server does not tell the time');
    const apart = Math.abs(skewMs);
    if (apart < SOME_SKEW_MS) return ok(`it agrees with the server's to ${Math.ceil(apart / 1000)} s`);
    const saw = `it is ${durationInWords(skewMs)} ${skewMs > 0 ? 'behind' : 'ahead of'} the server's`;
    const remedy = 'set the clock by NTP, on the one that is wrong: timedatectl, chronyc tracking';
    return apart < MOST_SKEW_MS
      ? warn(saw, remedy)
      : fail(`${saw}: certificates and times of jobs are wrong`, remedy);
  },
});
