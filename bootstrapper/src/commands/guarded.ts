/**
 * Where no service manager does so, a shell of some hundred kilobytes starts a bootstrapper again that has crashed: V8 ends the whole process
 * when a launcher's thread asks for much memory at once. One that was killed, or has ended, was meant to.
 */
const GUARD = `until "$@"; do
  code=$?
  [ "$code" -gt 128 ] || exit "$code"
  case $(kill -l "$code") in ILL|TRAP|ABRT|BUS|FPE|SEGV) sleep 2 ;; *) exit "$code" ;; esac
done`;

/** The command line of `go-agent run` with a guard, as far as there can be one. */
export function guarded(
  self: readonly string[],
  runArguments: readonly string[],
): readonly [string, ...string[]] {
  const [command = '', ...prefix] = self;
  if (process.platform === 'win32') return [command, ...prefix, 'run', ...runArguments];
  return ['/bin/sh', '-c', GUARD, 'go-agent', command, ...prefix, 'run', '--guarded', ...runArguments];
}
