import { findGoAgent } from '../sdk/find-go-agent.ts';
import { passedOn } from '../sdk/passed-on.ts';
import { runPlugin } from '../sdk/run-plugin.ts';
import { processProvider } from './provider.ts';

process.exitCode = await runPlugin(
  processProvider({
    node: process.execPath,
    goAgent: findGoAgent(import.meta.dirname),
    env: passedOn(process.env),
  }),
  process.argv.slice(2),
  { input: process.stdin, output: process.stdout, errors: process.stderr },
);
process.exit();
