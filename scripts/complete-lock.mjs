import { readFileSync, writeFileSync } from 'node:fs';

const f = 'package-lock.json';
const l = JSON.parse(readFileSync(f));
let n = 0;
for (const [k, v] of Object.entries(l.packages)) {
  for (const [d, ver] of Object.entries(v.optionalDependencies ?? {})) {
    const key = `node_modules/${d}`;
    if (l.packages[key]) continue;
    if (!/(android|darwin|win32|linux|freebsd|openbsd|openharmony|wasm|netbsd|sunos|aix)/.test(d)) {
      console.log('skip', d);
      continue;
    }
    const os = /android/.test(d)
      ? 'android'
      : /darwin/.test(d)
        ? 'darwin'
        : /win32/.test(d)
          ? 'win32'
          : /freebsd/.test(d)
            ? 'freebsd'
            : /openharmony/.test(d)
              ? 'openharmony'
              : /linux/.test(d)
                ? 'linux'
                : undefined;
    const cpu = /arm64/.test(d)
      ? 'arm64'
      : /x64/.test(d)
        ? 'x64'
        : /ia32/.test(d)
          ? 'ia32'
          : /armhf|arm-|-arm/.test(d)
            ? 'arm'
            : /ppc64/.test(d)
              ? 'ppc64'
              : /s390x/.test(d)
                ? 's390x'
                : /riscv64/.test(d)
                  ? 'riscv64'
                  : /wasm/.test(d)
                    ? 'wasm32'
                    : /loong64/.test(d)
                      ? 'loong64'
                      : undefined;
    const e = { version: ver.replace(/^[\^~]/, '') };
    if (cpu) e.cpu = [cpu];
    if (/linux/.test(d)) e.libc = [/musl/.test(d) ? 'musl' : 'glibc'];
    e.optional = true;
    if (v.dev || k.startsWith('node_modules/')) e.dev = v.dev;
    if (os) e.os = [os];
    if (!e.dev) delete e.dev;
    l.packages[key] = e;
    n++;
    console.log(key, JSON.stringify(e));
  }
}
const sorted = Object.fromEntries(Object.entries(l.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
l.packages = sorted;
writeFileSync(f, JSON.stringify(l, null, 2) + '\n');
console.log(n);
