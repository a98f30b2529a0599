import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type RequestRecord, successOutcomeSchema } from '@darkroom/protocol';
import type { BenchOptions } from './options.ts';
import { panda } from './panda.ts';
import { readMemory } from './process-figures.ts';
import { type DarkroomProcess, startDarkroom, startSandbox } from './processes.ts';
import type { Figure, Section } from './report.ts';
import { median } from './statistics.ts';
import { type Vendor, vendors } from './vendors.ts';

const pictureBytes = 18_000_000;
const signatureBytes = 2_000_000;
/** The same prompt for all, so that direct calls show what the pictures must be. */
const prompt = `${panda.payload.prompt} [[sandbox bytes=18MB]] [[sandbox signature=2MB]]`;
/** The sandbox makes as many different pictures of one prompt. */
const takes = 15;
const sampleMs = 20;
const settleMs = 1_000;
const patienceMs = 180_000;

/** The server's memory while many large pictures of each vendor arrive at the same time. */
export async function measureMemory(options: BenchOptions): Promise<Section> {
  const figures: Figure[] = [];
  for (const vendor of vendors) figures.push(...(await measureVendor(vendor, options)));
  return {
    title: 'Memory',
    setup: `${options.crowd} pictures of 18 MB at the same time from a sandbox process, JPEG kept as JPEG, those of Google and Vertex AI with signatures of 2 MB; every picture was read back and is one of the sandbox's, byte for byte; a server for each vendor`,
    figures,
  };
}

async function measureVendor(vendor: Vendor, options: BenchOptions): Promise<readonly Figure[]> {
  const expected = await drawDirectly(vendor, options);
  await using sandbox = await startSandbox(options.bin);
  await using account = await vendor.open(sandbox.url);
  const settings = { ...account.settings, DARKROOM_CONCURRENCY: String(options.crowd) };
  await using darkroom = await startDarkroom({ ...options, settings });
  await delay(settleMs);
  const idle = (await readMemory(darkroom.pid)).now;
  const watch = watchMemory(darkroom.pid);
  const start = performance.now();
  const records = await developAll(darkroom, vendor, options.crowd).finally(watch.stop);
  const seconds = (performance.now() - start) / 1_000;
  // The peak is the system's own record. The samples only show how long it lasted.
  const { peak } = await readMemory(darkroom.pid);
  await assertWhole(records, expected);
  if (vendor.isSigned) await assertSigned(darkroom, records);
  const inMB = (bytes: number) => (bytes / 1e6).toFixed(0);
  return [
    {
      name: `${vendor.name}, peak above idle`,
      value: (peak - idle) / 1e6,
      unit: 'MB',
      detail: `resident: idle ${inMB(idle)} MB, peak ${inMB(peak)} MB, most of the time ${inMB(watch.middle())} MB`,
      aim: { atMost: 200 },
    },
    { name: `${vendor.name}, time for all`, value: seconds, unit: 's', detail: 'drawing them in the sandbox included' },
  ];
}

function watchMemory(pid: number): { readonly stop: () => void; readonly middle: () => number } {
  const samples: number[] = [];
  const timer = setInterval(() => {
    // If the server is gone, its callers will notice.
    readMemory(pid).then(
      ({ now }) => samples.push(now),
      () => undefined,
    );
  }, sampleMs);
  return { stop: () => clearInterval(timer), middle: () => median(samples) };
}

async function developAll(
  { client }: DarkroomProcess,
  { model }: Vendor,
  count: number,
): Promise<readonly RequestRecord[]> {
  const payload = { ...panda.payload, prompt, image_output_format: 'jpeg' } as const;
  const submitted = await Promise.all(Array.from({ length: count }, () => client.submit({ model, payload })));
  const signal = AbortSignal.timeout(patienceMs);
  const records: RequestRecord[] = [];
  for (const { request_id } of submitted) records.push(await client.wait(request_id, { signal }));
  const failed = records.find(({ status }) => status !== 'success');
  if (failed) throw new Error(`A request ended as ${failed.status}: ${failed.error}`);
  return records;
}

/** The SHA-256 of every picture that a sandbox makes of the prompt. */
async function drawDirectly({ call }: Vendor, { bin }: BenchOptions): Promise<ReadonlySet<string>> {
  await using sandbox = await startSandbox(bin);
  const checksums = new Set<string>();
  for (let take = 0; take < takes; take += 1) {
    const [, base64] = /"(?:data|b64_json)": ?"([^"]+)"/.exec(await (await call(sandbox.url, prompt)).text()) ?? [];
    if (base64 === undefined) throw new Error('The sandbox returned no picture for the prompt.');
    const picture = Buffer.from(base64, 'base64');
    if (picture.length !== pictureBytes) throw new Error(`The sandbox returned a picture of ${picture.length} bytes.`);
    checksums.add(createHash('sha256').update(picture).digest('hex'));
  }
  return checksums;
}

async function assertWhole(records: readonly RequestRecord[], expected: ReadonlySet<string>): Promise<void> {
  for (const { request_id, outcome } of records) {
    const url = successOutcomeSchema.parse(outcome).media_urls[0]?.url;
    if (url === undefined) throw new Error(`The request ${request_id} has no picture.`);
    const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
    if (!expected.has(createHash('sha256').update(bytes).digest('hex'))) {
      throw new Error(`The picture of ${request_id} is not one that the sandbox sent.`);
    }
  }
}

/** One signature for each picture, and another one for the text of some answers. */
async function assertSigned({ dataDir }: DarkroomProcess, records: readonly RequestRecord[]): Promise<void> {
  const signatures = await readSizes(path.join(dataDir, 'media', 'signatures'));
  if (signatures.length < records.length || signatures.some((bytes) => bytes !== signatureBytes)) {
    throw new Error(
      `Of ${records.length} signatures ${signatures.length} were kept, with ${[...new Set(signatures)]} bytes.`,
    );
  }
}

async function readSizes(folder: string): Promise<readonly number[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(files.map(async ({ parentPath, name }) => (await stat(path.join(parentPath, name))).size));
}
