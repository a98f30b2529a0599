import { submitOne } from '../contract/fixtures.ts';
import { openSqliteStore } from './open-sqlite-store.ts';

/**
 * The child of the crash test: submits without end, eight at a time, and prints each id once its submit has resolved.
 * Writing to a pipe is synchronous, so what was printed was acknowledged.
 */
const store = openSqliteStore({ file: process.argv[2] ?? '' });

async function submitForever(): Promise<never> {
  for (;;) process.stdout.write(`${await submitOne(store.requests)}\n`);
}

await Promise.all(Array.from({ length: 8 }, submitForever));
