import { runPlugin } from '@go-agent/elastic/sdk';
import { hatchery } from './provider.ts';

process.exitCode = await runPlugin(hatchery, process.argv.slice(2), {
  input: process.stdin,
  output: process.stdout,
  errors: process.stderr,
});
process.exit();
