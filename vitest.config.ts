import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Much of the time goes by waiting for processes, leases and disks: three keep two cores busy.
    maxWorkers: 3,
    include: ['packages/*/{src,test}/**/*.test.ts'],
    globalSetup: ['packages/server/test/postgres/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for by looking comes later on a busy machine.
    expect: { poll: { timeout: 20_000 } },
    restoreMocks: true,
  },
});
