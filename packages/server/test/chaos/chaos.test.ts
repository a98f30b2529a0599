import { beforeAll, describe, expect, it } from 'vitest';
import { type PromiseName, promises, toShown } from './findings.ts';
import { type ChaosReport, runChaos } from './run-chaos.ts';

/** The chaos test in its short form; another seed with CHAOS_SEED, the long form with `npm run chaos`. */

const seed = Number(process.env['CHAOS_SEED'] ?? 4);

describe(`after a storm of everything at once (seed ${seed})`, () => {
  let report: ChaosReport;
  beforeAll(async () => {
    report = await runChaos({ seed, requests: 80, stormMs: 14_000, longestCalmMs: 60_000, servers: 3 });
  }, 150_000);

  const names = Object.keys(promises) as PromiseName[]; // the table's own keys
  it.each(names.map((name) => [promises[name], name] as const))('%s', (_promise, name) => {
    expect(toShown(report.findings[name] ?? []), report.summary).toEqual([]);
  });

  it('most pictures were made all the same', () => {
    expect(report.successShare, report.summary).toBeGreaterThan(0.5);
  });
});
