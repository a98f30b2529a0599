import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { RequestRecord, SuccessOutcomeRecord } from '@darkroom/protocol';
import { createDiskDriver } from '../../src/media/drivers/disk.ts';
import { toKey } from '../../src/media/picture-name.ts';
import { type AuditedRequest, listNamedKeys, toPrompt } from './audit.ts';
import type { Placed } from './customers.ts';
import type { Findings, PromiseName } from './findings.ts';

/** Fetches every picture of every success from a server, without a key, as anybody may who knows its address. */
export async function checkPictures(records: readonly RequestRecord[], server: string): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { request_id, status, outcome } of records) {
    if (status !== 'success') continue;
    const { media_urls, media } = outcome as SuccessOutcomeRecord; // what a success has
    for (const { id, url } of media_urls) {
      const response = await fetch(`${server}${new URL(url).pathname}`);
      const bytes = Buffer.from(await response.arrayBuffer());
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const expected = media.find((one) => one.id === id)?.sha256;
      if (response.status !== 200 || sha256 !== expected)
        problems.push(`picture ${id} of ${request_id}: ${response.status}, ${sha256} instead of ${expected}`);
    }
  }
  return problems;
}

/** A key's requests are found by its order's prompt, also those whose answers nobody got. */
export function checkKeys(placed: readonly Placed[], all: readonly AuditedRequest[]): readonly string[] {
  const kept = Map.groupBy(all, ({ request }) => toPrompt(request));
  return placed.flatMap(({ order, ids, refusals }) => {
    const known = new Set([...ids, ...(kept.get(order.prompt) ?? []).map(({ request }) => request.id)]);
    const isMissing = [...ids].some((id) => !all.some(({ request }) => request.id === id));
    return [
      ...(known.size > 1 ? [`${order.idempotencyKey} made ${[...known].join(', ')}`] : []),
      ...(isMissing ? [`${order.idempotencyKey} was accepted as ${[...ids].join(', ')}, which is not there`] : []),
      ...(refusals.some((status) => status !== 402) ? [`${order.idempotencyKey} was refused: ${refusals}`] : []),
    ];
  });
}

/** Compares the files of the data folder with what rows name. */
export async function auditFiles(
  all: readonly AuditedRequest[],
  folder: string,
): Promise<Pick<Findings, Extract<PromiseName, 'no-orphan-file' | 'no-spool-folder'>>> {
  const media = path.join(folder, 'data', 'media');
  const stored = new Set(await Array.fromAsync(createDiskDriver({ folder: media }).list('')));
  const named = listNamedKeys(all, (name) => toKey('pictures', name));
  const drafts = await readdir(path.join(media, '~drafts'));
  return {
    'no-orphan-file': [
      ...[...stored].filter((key) => !named.has(key)).map((key) => `${key} is stored and no row names it`),
      ...[...named].filter((key) => !stored.has(key)).map((key) => `${key} is named by a row and not stored`),
      ...drafts.map((name) => `~drafts/${name} is left`),
    ],
    'no-spool-folder': (await readdir(path.join(folder, 'data', 'spool'))).map((name) => `${name} is left`),
  };
}
