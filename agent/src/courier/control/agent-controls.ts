import type { Logger } from '@go-agent/runtime';
import type { Clock, Service } from '@go-agent/runtime/core';
import type { AgentSelf } from '../agent-self.ts';
import { diskSpace } from '../identity/machine.ts';
import type { JobDesk } from '../jobs/job-desk.ts';
import type { Session } from '../session.ts';
import type { LiveSettings } from '../settings/live-settings.ts';
import { AskingGate } from './asking-gate.ts';
import { ClockWatch } from './clock-watch.ts';
import { Contact } from './contact.ts';
import type { ControlInbox } from './control-inbox.ts';
import { DrainOrder } from './drain-order.ts';
import { FitnessWatch } from './fitness-watch.ts';
import { IdleTrim } from './idle-trim.ts';
import type { StatusBoard } from './status-board.ts';

export interface ControlsOptions {
  readonly self: AgentSelf;
  readonly session: Session;
  readonly desk: JobDesk;
  readonly live: LiveSettings;
  readonly board: StatusBoard;
  readonly inbox: ControlInbox;
  /** What the server is to be told of the versions here. */
  readonly onVersions: (versions: string) => void;
  readonly home: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface AgentControls {
  readonly gate: AskingGate;
  readonly fitness: FitnessWatch;
  readonly services: readonly Service[];
  readonly onContact: (serverNow: number | undefined) => void;
  readonly onFailure: () => void;
}

/** What decides whether the agent asks for work, listens to the operator, and tells how it is. */
export function openControls(options: ControlsOptions): AgentControls {
  const { self, session, desk, live, board, inbox, home, clock, log } = options;
  const { values: settings } = live;
  const gate = new AskingGate({ onChange: () => board.touch() });
  const clockWatch = new ClockWatch(clock);
  const fitness = new FitnessWatch({
    home,
    gate,
    clockWatch,
    diskSpace,
    diskLimitBytes: () => settings.diskLimitBytes,
    onFreeBytes: (freeBytes) => {
      self.usableSpace = freeBytes;
    },
    clock,
    log,
  });
  const order = new DrainOrder({ self, desk, gate, clock, log });
  // A ping that is held is answered at the end of its time.
  const contact = new Contact(clock, () => 2 * Math.max(settings.pingIntervalMs, settings.pingWaitMs));
  board.attach({ self, contact, gate, order, fitness, session, settings: live });
  session.observers.add(() => board.touch());
  inbox.listen((message) => {
    switch (message.type) {
      case 'drain':
        order.give(message.deadlineMs);
        break;
      case 'resume':
        order.takeBack();
        break;
      case 'settings':
        live.apply(message.settings);
        break;
      case 'versions':
        options.onVersions(message.versions);
        return;
      case 'report':
        board.answer();
        return;
      default:
        // For others, or from a later launcher.
        return;
    }
    board.touch();
  });
  return {
    gate,
    fitness,
    services: [order, fitness, new IdleTrim(self, clock, log)],
    onContact(serverNow) {
      contact.note();
      if (serverNow !== undefined) clockWatch.noteServerTime(serverNow);
      board.touch();
    },
    onFailure: () => board.touch(),
  };
}
