import { defineConfig } from 'vitest/config';

/**
 * Two projects. `unit` is the suites that stand beside their source, in `src/`, and need nothing but their own process: real
 * SQLite files and real sockets, yes. `system` is the rest: everything in a `test/` folder, and the suites in `src/` that start
 * a PostgreSQL server or a process, which are listed here.
 */
const besideSources = 'packages/*/src/**/*.test.ts';
const startServersOrProcesses = [
  'packages/server/src/store/postgres/**/*.test.ts',
  'packages/server/src/store/copy/**/*.test.ts',
  'packages/server/src/store/sqlite/database/crash.test.ts',
  'packages/server/src/recovery/folder-lock.test.ts',
];

export default defineConfig({
  test: {
    // Much of the time goes by waiting for processes, leases and disks: three keep two cores busy.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for by looking comes later on a busy machine.
    expect: { poll: { timeout: 20_000 } },
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [besideSources],
          exclude: startServersOrProcesses,
          // One process runs many files, and reads the sources that they share once: a third of the processor time.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['packages/*/test/**/*.test.ts', ...startServersOrProcesses],
          globalSetup: ['packages/server/test/postgres/global-setup.ts'],
        },
      },
    ],
  },
});
