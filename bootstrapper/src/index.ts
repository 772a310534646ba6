export { type BootstrapperStatus, decodeStatus } from './status.ts';
