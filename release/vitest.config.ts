import { defineConfig } from 'vitest/config';

/** The published packages, as other people's projects use them: `npm run test:packages`. It needs a registry. */
export default defineConfig({
  test: {
    include: ['release/test/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
