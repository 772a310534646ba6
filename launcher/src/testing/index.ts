export { launchOnce } from './launch-once.ts';
export { checkForUpgrades, type UpgradeCheck, type UpgradeOutcome } from './upgrade-check.ts';
