export { type BundleTarget, bundleTarget } from './bundle-target.ts';
export { type ReleaseErrorCode, releaseErrorCodes } from './errors.ts';
export { type KeyFolder, type KeyRole, readKeyFolder } from './key-folder.ts';
export { makeKeys, rotateKeys } from './make-keys.ts';
export {
  type AddRelease,
  addRelease,
  type ReleaseFolderOptions,
  removeRelease,
  renewRelease,
} from './release-folder.ts';
