import { runPlugin } from '../sdk/run-plugin.ts';
import { dockerProvider } from './provider.ts';

process.exitCode = await runPlugin(dockerProvider, process.argv.slice(2), {
  input: process.stdin,
  output: process.stdout,
  errors: process.stderr,
});
process.exit();
