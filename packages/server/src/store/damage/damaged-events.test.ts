import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { type EventRow, type EventRowStore, passOverDamaged } from './damaged-events.ts';

const row: EventRow = { seq: 7, request_id: 'id', organization_id: 'org-a', at: 0, moment: '{"kind":' };

describe('a damaged event', () => {
  it('is named in the log once, however often it is met', async () => {
    const lines: string[] = [];
    const logger = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(line) });
    const select = async () => [row];
    const nothing = async () => undefined;
    const rows: EventRowStore = {
      rowsAfter: select,
      rowsOfRequest: select,
      rowsOfOrganization: select,
      last: async () => row.seq,
      position: nothing,
      endedMinutes: async () => [],
    };
    const events = passOverDamaged(rows, logger);
    for (let i = 0; i < 3; i++) expect(await events.readAfter(0, 9)).toEqual([]);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: 50, event: 'event.damaged', seq: 7, request_id: 'id' },
    ]);
  });
});
