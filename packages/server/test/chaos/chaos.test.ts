import { beforeAll, describe, expect, it } from 'vitest';
import { type PromiseName, promises, toShown } from './findings.ts';
import { vendors } from './models.ts';
import { type ChaosReport, type ChaosRun, runChaos } from './run-chaos.ts';
import { onSeparateMachines } from './separate-machines.ts';
import { onSharedFolder } from './shared-folder.ts';

/** The chaos test in its short form. Set another seed with CHAOS_SEED; the long form is `npm run chaos`. */

const seed = Number(process.env['CHAOS_SEED'] ?? 4);

describe(`after a storm of everything at once (seed ${seed})`, () => {
  describe('with several servers on one data folder', () => {
    describePromises({ seed, requests: 50, stormMs: 9_000, longestCalmMs: 60_000, createGround: onSharedFolder(3) });
  });
  describe('with APIs and workers on PostgreSQL and a bucket', () => {
    describePromises({ seed, requests: 24, stormMs: 5_000, longestCalmMs: 60_000, createGround: onSeparateMachines });
  });
});

function describePromises(run: ChaosRun): void {
  let report: ChaosReport;
  beforeAll(async () => {
    report = await runChaos(run);
  }, 150_000);

  const names = Object.keys(promises) as PromiseName[]; // the table's own keys
  it.each(names.map((name) => [promises[name], name] as const))('%s', (_promise, name) => {
    expect(toShown(report.findings[name] ?? []), report.summary).toEqual([]);
  });

  it('most pictures were made anyway', () => {
    expect(report.successShare, report.summary).toBeGreaterThan(0.5);
  });

  it('models of each vendor were called instead of those of the other', () => {
    expect(report.helpers, report.summary).toEqual(vendors);
  });
}
