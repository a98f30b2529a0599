import { describe, expect, it } from 'vitest';
import { startTestServer } from '../postgres/test-database.ts';
import { runSoak, toSummary } from './run-soak.ts';

/** The soak in its short form; the long form is `npm run soak`. Times and sizes are for the long form: docs/measurements.md. */
describe.concurrent('a service that prunes while it works', () => {
  const stores = { SQLite: async () => undefined, PostgreSQL: async () => (await startTestServer()).createDatabase() };

  it.each(Object.entries(stores))(
    'loses no request and leaves nothing behind, on %s',
    async (name, createDatabase) => {
      const databaseUrl = await createDatabase();
      const options = { requests: 100, retain: '3s', perSecond: 20, ...(databaseUrl !== undefined && { databaseUrl }) };
      const report = await runSoak(options);
      const summary = toSummary(name, report);
      expect(report.succeeded, summary).toBe(report.submitted);
      expect(
        Object.entries(report.left).filter(([, count]) => count > 0),
        summary,
      ).toEqual([]);
      expect(report.rows.last, summary).toBeLessThan(report.submitted);
    },
    120_000,
  );
});
