import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { stageOpenaiRefusal, stageRefusal } from '@darkroom/sandbox';
import { ChaosUpstream } from './chaos-upstream.ts';
import type { Vendor } from './models.ts';

/** The vendors' services: a sandbox for each, so that each has its own waves and its own line. */
export type ChaosVendors = Readonly<Record<Vendor, ChaosUpstream>>;

export async function startVendors(folder: string): Promise<ChaosVendors> {
  const start = async (vendor: Vendor, stage: typeof stageRefusal) => {
    const spoolFolder = path.join(folder, `sandbox-${vendor}`);
    await mkdir(spoolFolder);
    return ChaosUpstream.start({ spoolFolder, overload: stage(503, { model: '' }) });
  };
  return { google: await start('google', stageRefusal), openai: await start('openai', stageOpenaiRefusal) };
}

export async function stopVendors(vendors: ChaosVendors): Promise<void> {
  await Promise.all(Object.values(vendors).map((upstream) => upstream.stop()));
}

/** How many calls with this prompt have arrived, whichever model was called. */
export async function countCalls(vendors: ChaosVendors, prompt: string): Promise<number> {
  const counts = await Promise.all(Object.values(vendors).map((upstream) => upstream.callsOf(prompt)));
  return counts.reduce((sum, count) => sum + count, 0);
}
