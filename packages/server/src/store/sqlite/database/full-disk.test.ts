import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { submitOne } from '../../contract/fixtures.ts';
import { openSqliteStore } from '../open-sqlite-store.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, '../../../../test/store/read-with-full-disk.ts');

describe('a SQLite store on a full disk', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'darkroom-full-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('opens, reads what is there, and refuses by name what it has to write', { timeout: 60_000 }, async () => {
    const file = join(folder, 'darkroom.db');
    const store = openSqliteStore({ file });
    await submitOne(store.requests);
    await store.keys.ensureSecret('upload', 'kept');
    await store.close();
    // No file of the process may grow. To SQLite that is the same as a full disk, and no right to mount one is needed.
    const limited = `trap '' XFSZ; ulimit -f 1; exec "$0" "$@"`;
    const { stdout } = await run('sh', ['-c', limited, process.execPath, script, file]);
    expect(JSON.parse(stdout)).toEqual({
      total: 1,
      secret: 'kept',
      refused: expect.stringContaining('StoreUnavailableError: The database cannot be read or written at the moment.'),
    });
    const after = openSqliteStore({ file });
    expect(await after.keys.ensureSecret('webhook', 'fresh')).toBe('fresh');
    await after.close();
  });
});
