import { MemoryRelease } from '@go-agent/release/testing';

/** Whose root the bootstrapper of these tests carries. */
export const release = new MemoryRelease();
