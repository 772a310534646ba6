import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { shellTask, stageOf } from '../../harness/pipeline-words.ts';
import { startSystem } from '../../harness/start-system.ts';
import { TcpProxy } from '../../harness/tcp-proxy.ts';
import { inLanes } from '../in-lanes.ts';
import type { ChaosRow, ChaosRun, ChaosSuite } from '../suite.ts';
import { type FaultPlan, planFault } from './console-fault.ts';
import { type ConsoleOutcome, gateOf, runConsoleJob } from './console-run.ts';
import { writeOutputFile } from './output-file.ts';

const MEGABYTES = 100;
const LANES = 2;
/** Parts with a pause after each, for a task that prints for some seconds. */
const PACES = 40;

/** Cuts the way of a console from its journal to the server, and compares both in the end. */
export const consoleSuite: ChaosSuite = {
  describe: 'jobs of 100 MB console, server and agent killed, connections cut: the stored log is the journal',
  defaultRuns: 200,
  async run(chaos) {
    const plans = Array.from({ length: chaos.runs }, (_, index) => planFault(chaos.random.fork(), index));
    const lanes = Math.min(LANES, chaos.runs);
    const shares = Array.from({ length: lanes }, (_, lane) => plans.filter((_, i) => i % lanes === lane));
    const outcomes = await inLanes(lanes, lanes, (lane) => runLane(chaos, shares[lane] ?? []));
    return rowsOf(outcomes.flat());
  },
};

/** A server and an agent of their own, one job after the other. */
async function runLane(chaos: ChaosRun, plans: readonly FaultPlan[]): Promise<ConsoleOutcome[]> {
  await using resources = new AsyncDisposableStack();
  const system = resources.use(await startSystem({ agents: 0 }));
  const { server } = system;
  const direct = new URL(server.url);
  const proxy = resources.use(await TcpProxy.open(Number(direct.port)));
  const agent = system.addAgent([], `http://127.0.0.1:${proxy.port}${direct.pathname}`);
  const output = join(system.folder, 'output');
  await writeOutputFile(output, chaos.megabytes ?? MEGABYTES, chaos.seed);
  const { size } = await stat(output);
  const part = Math.ceil(size / PACES);
  const scripts = {
    burst: `cat ${output}`,
    paced: `i=0; while [ $i -lt ${PACES} ]; do dd if=${output} bs=${part} skip=$i count=1 2>/dev/null; sleep 0.05; i=$((i+1)); done`,
  };
  for (const [name, script] of Object.entries(scripts)) {
    const gate = gateOf(system.folder, name, '$GO_PIPELINE_COUNTER');
    const gated = `while [ ! -e ${gate} ]; do sleep 0.02; done; ${script}`;
    await system.definePipeline(name, [
      stageOf('only', 'prints', [shellTask(gated)], { stage: { fetch_materials: false } }),
    ]);
  }
  const seen = new Set<string>();
  const outcomes: ConsoleOutcome[] = [];
  for (const plan of plans) {
    // A new supervisor each time: one that sees agent after agent die waits longer and longer.
    await using running = await agent.run();
    const outcome = await runConsoleJob({
      system,
      victims: { server, agent, proxy },
      plan,
      pipeline: plan.paced ? 'paced' : 'burst',
      outputBytes: size,
      seen,
    });
    outcomes.push(outcome);
    const { strikes, seconds, fault } = outcome;
    chaos.progress(
      `${outcomes.length}/${plans.length} ${plan.kind}, ${strikes} times, ${seconds.toFixed(1)} s: ${fault ?? 'equal'} (${running.pid})`,
    );
  }
  return outcomes;
}

function rowsOf(outcomes: readonly ConsoleOutcome[]): ChaosRow[] {
  const kinds = [...new Set(outcomes.map(({ plan }) => plan.kind))];
  return kinds.map((kind) => {
    const own = outcomes.filter(({ plan }) => plan.kind === kind);
    const total = (of: (outcome: ConsoleOutcome) => number) => own.reduce((sum, one) => sum + of(one), 0);
    return {
      what: kind,
      tried: own.length,
      broke: own.filter(({ fault }) => fault !== undefined).length,
      figures: {
        strikes: total(({ strikes }) => strikes),
        'GB compared': (total(({ bytes }) => bytes) / 1e9).toFixed(2),
        'mean s': (total(({ seconds }) => seconds) / own.length).toFixed(1),
        'longest s': Math.max(...own.map(({ seconds }) => seconds)).toFixed(1),
      },
    };
  });
}
