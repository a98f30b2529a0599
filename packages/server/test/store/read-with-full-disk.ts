import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';

/** For `full-disk.test.ts`: opens the file where nothing can be written, and reports what still works. */
const [, , file = ''] = process.argv;
const store = openSqliteStore({ file });
const { total } = await store.requests.list({ organizationId: 'org-a', limit: 5 });
const secret = await store.keys.ensureSecret('upload', 'another');
const refused = await store.keys.ensureSecret('webhook', 'fresh').catch((error: unknown) => String(error));
console.log(JSON.stringify({ total, secret, refused }));
await store.close();
