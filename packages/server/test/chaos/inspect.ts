import { createHash } from 'node:crypto';
import type { RequestRecord, SuccessOutcomeRecord } from '@darkroom/protocol';
import { isThumbnailKey, toKey } from '../../src/media/picture-name.ts';
import { type AuditedRequest, listNamedKeys, toPrompt } from './audit.ts';
import type { Placed } from './customers.ts';
import type { Findings, PromiseName } from './findings.ts';
import { type Ground, listSpools } from './ground.ts';

/** Fetches every picture of every success from a server, without a key, as anybody may who knows its address. */
export async function checkPictures(records: readonly RequestRecord[], server: string): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { request_id, status, outcome, media = [] } of records) {
    if (status !== 'success') continue;
    const { media_urls } = outcome as SuccessOutcomeRecord; // a success has this
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

/** Finds requests of a key by the prompt of their order, including those whose answers nobody received. */
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

/** Compares the contents of the storage and the spools with what rows name. */
export async function auditObjects(
  all: readonly AuditedRequest[],
  ground: Ground,
): Promise<Pick<Findings, Extract<PromiseName, 'no-orphan-object' | 'no-spool-folder'>>> {
  const stored = new Set(await ground.listObjects());
  const named = listNamedKeys(all, (name) => toKey('pictures', name));
  return {
    'no-orphan-object': [
      ...[...stored]
        .filter((key) => !named.has(key) && !isThumbnailKey(key))
        .map((key) => `${key} is stored and no row names it`),
      ...[...named].filter((key) => !stored.has(key)).map((key) => `${key} is named by a row and not stored`),
      ...(await ground.listDrafts()).map((name) => `${name} was begun and is left`),
    ],
    'no-spool-folder': (await listSpools(ground)).map((folder) => `${folder} is left`),
  };
}
