import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal, readJournal, type StoringEntry } from './journal.ts';

describe('the journal', () => {
  let folder: string;
  let journal: Journal;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'darkroom-journal-'));
    journal = new Journal(folder);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const toEntry = (key: string): StoringEntry => ({ kind: 'storing', keys: [key], owner: { requestId: 'id' } });

  it('gives back every entry in order, and nothing when there is none', async () => {
    expect(await readJournal(folder)).toEqual([]);
    await journal.append(toEntry('a'));
    await journal.append(toEntry('b'));
    expect(await readJournal(folder)).toEqual([toEntry('a'), toEntry('b')]);
  });

  it('loses no entry when many are added at the same time', async () => {
    const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
    await Promise.all(keys.map((key) => journal.append(toEntry(key))));
    const entries = await readJournal(folder);
    expect(entries.flatMap((entry) => (entry.kind === 'storing' ? entry.keys : [])).sort()).toEqual(keys.sort());
  });

  it('forgets a line that a full disk cut off, and keeps the next one', async () => {
    await journal.append(toEntry('a'));
    await appendFile(join(folder, 'journal'), '\n{"kind":"storing","keys":["cut');
    await journal.append(toEntry('b'));
    expect(await readJournal(folder)).toEqual([toEntry('a'), toEntry('b')]);
  });
});
