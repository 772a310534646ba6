export { shell, startContained } from './contained-shell.ts';
export { FakeClock } from './fake-clock.ts';
export { killLeftovers, leftovers } from './leftovers.ts';
export { othersMayEnter } from './others-may-enter.ts';
export { type ProcessText, processTexts } from './process-texts.ts';
export { type TreeKind, treeKinds } from './process-trees.ts';
export { fillDisk, smallDisk } from './small-disk.ts';
export { type TempDir, tempDir } from './temp-dir.ts';
export { type WaitForOptions, waitFor } from './wait-for.ts';
