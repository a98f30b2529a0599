import { runChaos } from './run-chaos.ts';

/** The chaos test in its long form: `npm run chaos`; docs/chaos.md says what it does. */

const seed = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 1e9));
const requests = Number(process.env['CHAOS_REQUESTS'] ?? 500);
const minutes = Number(process.env['CHAOS_MINUTES'] ?? 3);

console.log(`CHAOS_SEED=${seed} CHAOS_REQUESTS=${requests} CHAOS_MINUTES=${minutes}`);
const { summary, findings } = await runChaos({
  seed,
  requests,
  stormMs: minutes * 60_000,
  longestCalmMs: 180_000,
  servers: 4,
});
console.log(summary);
process.exitCode = Object.values(findings).some((problems) => problems.length > 0) ? 1 : 0;
