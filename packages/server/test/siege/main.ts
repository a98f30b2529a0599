import { runSiege, toSummary } from './run-siege.ts';

/** The siege in its long form: `npm run siege`. It talks only to the loopback and ends by itself. */

const seconds = Number(process.env['SIEGE_SECONDS'] ?? 60);
const lines = Number(process.env['SIEGE_LINES'] ?? 3_000);
console.log(`SIEGE_SECONDS=${seconds} SIEGE_LINES=${lines}`);
const report = await runSiege({ seconds, lines });
console.log(toSummary(report));
const isHeld = report.peakBytes < 2 ** 30 && report.submitMs.p99 < 250 && report.refused.length === 0;
console.log(isHeld ? 'The server held out.' : 'The server did not hold out.');
process.exitCode = isHeld ? 0 : 1;
