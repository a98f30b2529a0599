import type { RequestWebhook } from '../../src/core/webhooks.ts';
import { submitOne } from '../../src/store/contract/fixtures.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';

/**
 * The child of the crash test: it submits endlessly, eight requests at a time, and prints each id once its submit has
 * resolved. Writing to a pipe is synchronous, so every printed id was acknowledged.
 */
const webhook: RequestWebhook = { url: 'https://own.example/hook', events: ['request.queued'] };
const store = openSqliteStore({ file: process.argv[2] ?? '' });

async function submitForever(): Promise<never> {
  for (;;) process.stdout.write(`${await submitOne(store.requests, { webhook })}\n`);
}

await Promise.all(Array.from({ length: 8 }, submitForever));
