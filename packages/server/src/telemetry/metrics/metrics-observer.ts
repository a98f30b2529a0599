import { failureKinds } from '../../core/failures.ts';
import type { StoredPicture } from '../../core/stored-picture.ts';
import type { Claim } from '../../store/request-store.ts';
import { type Catalogue, genAiOperation, toCalledModel, toErrorType, toGenAiFacts } from '../gen-ai.ts';
import { type EndedRequest, type ObservedCall, type Observer, toEndCode, toPictures } from '../observer.ts';
import type { Metrics } from './definitions.ts';
import type { KeyNames } from './key-names.ts';
import { toSeconds } from './seconds.ts';

interface MetricsObserverOptions {
  readonly metrics: Metrics;
  readonly keyNames: Pick<KeyNames, 'nameOf'>;
  readonly catalogue: Catalogue;
}

/** Counts what happens. */
export function createMetricsObserver({ metrics, keyNames, catalogue }: MetricsObserverOptions): Partial<Observer> {
  return {
    submitted: ({ model, wire }) => metrics.submitted.add(1, { model, wire }),
    refused: ({ model, wire }, reason) => metrics.refused.add(1, { model, wire, reason }),
    claimed: (claim, now) => countClaim(metrics, claim, now),
    callEnded: (call) => {
      countCall(metrics, call);
      countGenAi(metrics, call, catalogue);
      if (call.end.costMicros > 0) void countCost(metrics, keyNames, call);
    },
    answerBegun: ({ upstream, model, ms }) => metrics.firstByte.observe(ms / 1_000, { upstream, model }),
    referenceFetched: ({ outcome, ms }) => metrics.referenceFetches.observe(ms / 1_000, { outcome }),
    attemptEnded: ({ claim, verdict }) =>
      metrics.verdicts.add(1, { model: toCalledModel(claim), verdict: verdict.kind }),
    requestEnded: (ended) => countEnd(metrics, ended),
    rescued: () => metrics.rescues.add(1, {}),
    tryEnded: ({ createdAt }, { kind, tried }) => {
      metrics.webhookTries.add(1, { outcome: kind });
      if (kind === 'delivered') metrics.webhookLag.observe(toSeconds(tried.at - createdAt), {});
    },
    written: (operation, ms, isDone) =>
      metrics.storeOperation.observe(ms / 1_000, { operation, outcome: isDone ? 'done' : 'failed' }),
  };
}

function countClaim(metrics: Metrics, claim: Claim, now: number): void {
  const { request, upstream, imageIndexes, attempts } = claim;
  const { model, wire, tier, queuedAt } = request;
  const isFirst = attempts.every(({ startedAt }) => startedAt < queuedAt);
  if (isFirst) metrics.queueWait.observe(toSeconds(now - queuedAt), { model, wire, tier });
  if (imageIndexes.length > 0) metrics.granted.add(imageIndexes.length, { upstream, model: toCalledModel(claim) });
}

function countCall(metrics: Metrics, { claim, end, sentAt }: ObservedCall): void {
  const { upstream, tier } = claim;
  const model = toCalledModel(claim);
  const { result, failure, costMicros, isPossiblyBilled, endedAt } = end;
  const billed = costMicros > 0 ? 'yes' : isPossiblyBilled ? 'possibly' : 'no';
  metrics.attempts.add(1, { upstream, model, result, code: failure?.code ?? '', billed });
  if (sentAt !== undefined)
    metrics.callDuration.observe(toSeconds(endedAt - sentAt), { upstream, model, tier, outcome: result });
}

/** A call that was not sent is no operation. What one in a batch job takes says how long the job has waited, and nothing of the model. */
function countGenAi(metrics: Metrics, call: ObservedCall, catalogue: Catalogue): void {
  const { end, sentAt, batchJob } = call;
  if (sentAt === undefined) return;
  const { provider, address, model, answeredBy = '', tokens } = toGenAiFacts(call, catalogue);
  const facts = {
    'gen_ai.operation.name': genAiOperation,
    'gen_ai.provider.name': provider,
    'gen_ai.request.model': model,
    'gen_ai.response.model': answeredBy,
    'server.address': address?.host ?? '',
    'server.port': address ? String(address.port) : '',
  };
  if (batchJob === undefined)
    metrics.operationDuration.observe(toSeconds(end.endedAt - sentAt), {
      ...facts,
      'error.type': toErrorType(call) ?? '',
    });
  for (const [type, count] of Object.entries(tokens ?? {}))
    metrics.tokenUsage.observe(count, { ...facts, 'gen_ai.token.type': type });
}

async function countCost(metrics: Metrics, keyNames: Pick<KeyNames, 'nameOf'>, { claim, end }: ObservedCall) {
  const { upstream, tier, request } = claim;
  const { apiKeyId, organizationId: organization } = request;
  const key_alias = await keyNames.nameOf(apiKeyId);
  const facts = { model: toCalledModel(claim), upstream, tier: end.serviceTier ?? tier };
  metrics.cost.add(end.costMicros / 1e6, { ...facts, key_alias, organization });
}

function countEnd(metrics: Metrics, ended: EndedRequest): void {
  const { request, status, endedAt, outcome } = ended;
  const { model, wire, tier, queuedAt } = request;
  const blame = outcome?.kind === 'failure' ? failureKinds[outcome.failure.code].blame : '';
  metrics.finished.add(1, { model, wire, status, code: toEndCode(ended) ?? '', blame });
  metrics.requestDuration.observe(toSeconds(endedAt - queuedAt), { model, wire, tier, status });
  for (const picture of toPictures(ended)) {
    metrics.pictures.add(1, { model, wire, format: picture.format, image_size: toImageSize(picture) });
    metrics.pictureBytes.add(picture.bytes, { model, format: picture.format });
  }
}

/** By what was delivered: a request's size and its picture's may differ. */
function toImageSize({ width, height }: Pick<StoredPicture, 'width' | 'height'>): string {
  const megapixels = (width * height) / 1e6;
  if (megapixels < 0.6) return '512';
  if (megapixels < 2.5) return '1K';
  return megapixels < 9 ? '2K' : '4K';
}
