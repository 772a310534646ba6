export type { PackageSource } from './cloud-init/setup-script.ts';
export { renderUserData, type UserDataOptions } from './cloud-init/user-data.ts';
export { type BootstrapperStatus, decodeStatus } from './status.ts';
