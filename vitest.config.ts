import { defineConfig } from 'vitest/config';

// Two projects: `unit` needs nothing but this process and the children a test starts; `e2e` drives the real
// executables, so its files take turns on the machine's few cores.
export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles: ['./vitest.setup.ts'],
          include: ['*/src/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: ['test/**', '**/node_modules/**'],
          testTimeout: 90_000,
          pool: 'forks',
        },
      },
      {
        test: {
          name: 'e2e',
          setupFiles: ['./vitest.setup.ts'],
          include: ['test/src/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          pool: 'forks',
          fileParallelism: false,
        },
      },
    ],
  },
});
