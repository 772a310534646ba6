import type { Assigner } from '../../scheduler/assigner.ts';
import type { SchedulerContext } from '../../scheduler/scheduler-context.ts';
import type { ProviderSource } from '../provider.ts';
import type { Fleet } from './fleet.ts';
import type { Places } from './places.ts';
import type { ProfileRests } from './profile-rests.ts';
import type { WaitingRoom } from './waiting-room.ts';

/** What the parts of the broker share. */
export interface BrokerContext {
  readonly scheduler: SchedulerContext;
  readonly assigner: Assigner;
  readonly fleet: Fleet;
  readonly places: Places;
  readonly waits: WaitingRoom;
  readonly rests: ProfileRests;
  readonly providers: ProviderSource;
  /** Where agents find this server, unless their cluster says otherwise. */
  readonly serverUrl: string;
  /** Looks at this cluster again, soon. */
  wake(clusterId: string, why?: 'agents-changed'): void;
}
