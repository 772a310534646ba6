// `node run-entry.mjs <entryFile>`: the same as `go-agent __run <entryFile>`, without the rest of go-agent.
import { runEntry } from './run-entry.ts';

// The arguments as if Node had been started with the entry file.
process.argv.splice(1, 1);
await runEntry(process.argv[1] ?? '');
