// A worker thread of the suite `secrets`: fuzzes with the seed and number of cases that it is given, and says how it went.
import { parentPort, workerData } from 'node:worker_threads';
import { fuzzMasking } from '@go-agent/agent/masking-fuzz';

parentPort?.postMessage(fuzzMasking(workerData as Parameters<typeof fuzzMasking>[0]));
