import { startOwnServer } from '../postgres/test-database.ts';
import { runSoak, type SoakReport, toSummary } from './run-soak.ts';

/** The soak in its long form: `npm run soak`. It talks only to the loopback and ends by itself. */

const requests = Number(process.env['SOAK_REQUESTS'] ?? 200_000);
const retain = process.env['SOAK_RETAIN'] ?? '60s';
const perSecond = Number(process.env['SOAK_PER_SECOND'] ?? 250);
const stores = (process.env['SOAK_STORES'] ?? 'sqlite,postgres').split(',');
console.log(
  `SOAK_REQUESTS=${requests} SOAK_RETAIN=${retain} SOAK_PER_SECOND=${perSecond} SOAK_STORES=${stores.join(',')}`,
);

const reports: SoakReport[] = [];
if (stores.includes('sqlite')) await tell('SQLite', { requests, retain, perSecond });
if (stores.includes('postgres')) {
  const server = await startOwnServer();
  await tell('PostgreSQL', { requests, retain, perSecond, databaseUrl: await server.createDatabase() }).finally(() =>
    server.stop(),
  );
}
process.exitCode = reports.every(isWell) ? 0 : 1;

async function tell(name: string, options: Parameters<typeof runSoak>[0]): Promise<void> {
  const report = await runSoak(options);
  reports.push(report);
  console.log(toSummary(name, report));
}

/** Nothing lost, nothing left, and nothing that grows by more than a third. A ratio of times is for the reader to judge. */
function isWell({ submitted, succeeded, left, databaseMB, diskFiles, rows, memoryMB }: SoakReport): boolean {
  const isLevel = [databaseMB, diskFiles, rows, memoryMB].every(({ second, last }) => last < second * 1.33);
  return submitted === succeeded && Object.values(left).every((count) => count === 0) && isLevel;
}
