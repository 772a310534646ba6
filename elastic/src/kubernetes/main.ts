import { runPlugin } from '../sdk/run-plugin.ts';
import { kubernetesProvider } from './provider.ts';

process.exitCode = await runPlugin(kubernetesProvider, process.argv.slice(2), {
  input: process.stdin,
  output: process.stdout,
  errors: process.stderr,
});
process.exit();
