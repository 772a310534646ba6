import { readFileSync } from 'node:fs';
import type { LaunchRequest } from '@go-agent/protocol/launch-contract';
import { createLogger, systemClock } from '@go-agent/runtime';
import { launch } from '../launch.ts';
import type { SwapStep } from '../swap-step.ts';

// A program for tests: one launch, in which everything is killed at one step. Arguments: a file with the request, the step.
const [requestFile = '', fatal] = process.argv.slice(2);
const request = JSON.parse(readFileSync(requestFile, 'utf8')) as LaunchRequest;
const log = createLogger({ file: `${request.home}/killed.log`, name: 'test' });
let agentPid: number | undefined;

const control = {
  stop: new AbortController().signal,
  report: (status: { readonly agentPid?: number }) => {
    agentPid = status.agentPid ?? agentPid;
  },
};

const reached = async (step: SwapStep) => {
  if (step !== fatal) return;
  try {
    if (agentPid !== undefined) process.kill(agentPid, 'SIGKILL');
  } catch {
    // It has ended.
  }
  process.kill(process.pid, 'SIGKILL');
};

process.exitCode = (await launch(request, control, { clock: systemClock, log, reached })) === 0 ? 0 : 1;
