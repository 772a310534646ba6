import type { DoctorRun, DoctorWorld } from './doctor-world.ts';

/** Makes one thing go wrong, for real, and says how doctor is to be run to see it. `impossible` here: this system or user cannot. */
export type Plant = (world: DoctorWorld) => DoctorRun | 'impossible' | Promise<DoctorRun | 'impossible'>;

export const isRoot = process.getuid?.() === 0 && process.platform === 'linux';
