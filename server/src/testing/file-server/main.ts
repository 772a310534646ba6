// A server with the scripted core in a process of its own, to be killed: `main.ts DATA_FOLDER` prints its URL.
import { join } from 'node:path';
import { createLogger, systemClock } from '@go-agent/runtime';
import { startServer } from '../../start-server.ts';
import { scriptedCore } from '../scripted-core.ts';

const [, , folder = ''] = process.argv;
const server = await startServer(
  {
    dataDir: join(folder, 'data'),
    pipelinesDir: join(folder, 'pipelines'),
    bind: '127.0.0.1',
    port: 0,
    tlsPort: 'off',
    requireLogin: false,
    autoRegisterKey: '',
    autoRegisterLocalAgents: false,
    materialPollMs: 60_000,
    lostContactMs: 300_000,
  },
  {
    clock: systemClock,
    logger: createLogger({ file: join(folder, 'server.log'), name: 'test', level: 'error' }),
    createCore: async () => scriptedCore(),
  },
);
process.stdout.write(`${server.url}\n`);
