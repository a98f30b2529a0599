import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { RequestWebhook } from '../../src/core/webhooks.ts';
import { submitOne } from '../../src/store/contract/fixtures.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';

/**
 * The child of the crash test: it submits endlessly, eight requests at a time, and prints each id once its submit has
 * resolved. Writing to a pipe is synchronous, so every printed id was acknowledged.
 *
 * With `slow`, each flush takes 10 ms, so that a kill is nearly always between a commit and the end of its flush.
 */
const [, , file = '', disk] = process.argv;
if (disk === 'slow') {
  const { fdatasync } = fs;
  const slow = (descriptor: number, callback: fs.NoParamCallback) =>
    void setTimeout(() => fdatasync(descriptor, callback), 10);
  fs.fdatasync = Object.assign(slow, { __promisify__: fdatasync.__promisify__ });
  syncBuiltinESMExports();
}

const webhook: RequestWebhook = { url: 'https://own.example/hook', events: ['request.queued'] };
const store = openSqliteStore({ file });

async function submitForever(): Promise<never> {
  for (;;) process.stdout.write(`${await submitOne(store.requests, { webhook })}\n`);
}

await Promise.all(Array.from({ length: 8 }, submitForever));
