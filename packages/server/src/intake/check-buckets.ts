import type { Order } from '../core/order.ts';
import { createInputProblem } from '../core/parse-input.ts';
import { serves, type Upstream } from '../core/upstreams.ts';
import { toBucket } from '../media/references/remote-picture.ts';
import type { ModelSpec } from '../models/model-spec.ts';

/**
 * Some upstreams read private buckets of the operator themselves; others cannot be given these pictures. Throws the `Problem` of an order
 * with such a picture for a model that others serve too. Returns whether all upstreams of its stand-ins read them, so that one may be
 * called. A bucket that no upstream reads is fetched like any public address.
 */
export function checkBuckets(
  { conversation }: Order,
  { model, pool }: { readonly model: ModelSpec; readonly pool: readonly Upstream[] },
): { readonly isReadByStandIns: boolean } {
  const uris = conversation.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === 'picture' ? part.uri : [])));
  if (uris.length === 0) return { isReadByStandIns: true };
  const buckets = new Set(uris.map(toBucket).filter((bucket) => bucket !== undefined));
  const named = [...buckets].filter((bucket) => pool.some((upstream) => reads(upstream, bucket)));
  const findUnable = (id: string, bucket: string) =>
    pool.filter((upstream) => serves(upstream, id) && !reads(upstream, bucket));
  for (const bucket of named) {
    const unable = findUnable(model.id, bucket);
    if (unable.length > 0)
      throw createInputProblem([{ path: 'payload', message: toMessage(model.id, bucket, unable) }]);
  }
  const others = (model.fallback ?? []).map((other) => other.model);
  return { isReadByStandIns: others.every((id) => named.every((bucket) => findUnable(id, bucket).length === 0)) };
}

function reads({ buckets = [] }: Upstream, bucket: string): boolean {
  return buckets.includes(bucket);
}

function toMessage(model: string, bucket: string, unable: readonly Upstream[]): string {
  const names = unable.map(({ name }) => name).join(', ');
  return `names a picture in the bucket ${bucket}, which not all upstreams of ${model} can read (${names} cannot): send the picture itself, or choose a model that is served only by upstreams with this bucket`;
}
