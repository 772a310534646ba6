export { MemoryRelease, type SignOptions } from './memory-release.ts';
