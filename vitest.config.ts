import { tmpdir } from 'node:os';
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './packages/server/test/shared/longest-first.ts';

/**
 * There are two projects. A suite is a unit when it is beside its source in `src/` and needs only its own process; real SQLite
 * files and real sockets are allowed. Every other suite belongs to `system`: those in a `test/` folder, and those in `src/` that
 * start another process, the server of a database or a bucket, or a whole worker, and those that wait for real time limits. The
 * latter are listed here. A suite may not leave anything behind in its process, because other files run in it afterwards.
 */
const besideSources = 'packages/*/src/**/*.test.ts';
const listedForSystem = [
  'packages/console/src/code-snippets.test.ts',
  'packages/server/src/store/postgres/**/*.test.ts',
  'packages/server/src/store/copy/**/*.test.ts',
  'packages/server/src/store/sqlite/database/crash.test.ts',
  'packages/server/src/store/sqlite/database/full-disk.test.ts',
  'packages/server/src/media/drivers/*.test.ts',
  'packages/server/src/{http/routes,media/conversation}/bucket-*.test.ts',
  'packages/server/src/recovery/folder-lock.test.ts',
  'packages/server/src/worker/{worker,wave}.test.ts',
  'packages/server/src/http/stalled-calls.test.ts',
];

// Where `darkroom` keeps what it has compiled, too: a test's process starts on a tenth less processor time.
process.env['NODE_COMPILE_CACHE'] ??= path.join(tmpdir(), 'node-compile-cache');

export default defineConfig({
  test: {
    // Tests spend much of their time waiting for processes, leases and disks. Six workers keep two cores busy.
    maxWorkers: 6,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for by looking comes later on a busy machine.
    expect: { poll: { timeout: 20_000 } },
    restoreMocks: true,
    sequence: { sequencer: LongestFirst },
    // One process runs many files and loads the sources that they share once. This halves the processor time of the units.
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [besideSources],
          exclude: listedForSystem,
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['packages/*/test/**/*.test.ts', ...listedForSystem],
          globalSetup: ['packages/server/test/shared/global-setup.ts'],
        },
      },
    ],
  },
});
