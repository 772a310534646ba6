import { LaunchOutcome } from '@go-agent/protocol/launch-contract';
import type { SupervisorEvent } from './core/supervise.ts';
import { outcomeMeaning } from './status.ts';

export interface Described {
  readonly level: 'info' | 'warn' | 'error';
  readonly msg: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What an agent says of itself in one word is easily taken for more. */
function inWords(detail: string | undefined): string | undefined {
  if (detail === 'ready') return 'the agent runs, and turns to its server';
  return detail === 'registered' ? 'its server has accepted the agent' : detail;
}

/** An event as one line for a log, or for a person. */
export function describeEvent(event: SupervisorEvent): Described {
  switch (event.type) {
    case 'launching': {
      const { md5, source, version, onTrial, passedOver } = event.launcher;
      return {
        level: passedOver.length > 0 ? 'warn' : 'info',
        msg: `Starting the ${source} launcher ${version}${onTrial ? ', which has to prove itself' : ''}`,
        fields: { md5, ...(passedOver.length > 0 ? { passedOver } : {}) },
      };
    }
    case 'status': {
      const { phase, detail: said, ...fields } = event.status;
      const detail = inWords(said);
      return {
        level: 'info',
        msg: detail === undefined ? `Launcher: ${phase}` : `Launcher: ${phase}: ${detail}`,
        fields,
      };
    }
    case 'ended': {
      const { end, step } = event;
      const waits = step !== 'stop' && step.waitMs > 0;
      const then =
        step === 'stop' ? 'no other follows' : waits ? `the next in ${step.waitMs} ms` : 'another follows';
      return {
        level: end.code === LaunchOutcome.stop ? 'error' : waits ? 'warn' : 'info',
        msg: `Launch over: ${outcomeMeaning(end.code)}; ${then}`,
        fields: {
          code: end.code,
          lastedMs: Math.round(end.lastedMs),
          crashLoop: step !== 'stop' && step.crashLoop,
          ...(end.message ? { message: end.message } : {}),
        },
      };
    }
    default:
      return event satisfies never;
  }
}
