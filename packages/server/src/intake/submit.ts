import { idempotencyKeySchema, type Payload, type TierChoice } from '@darkroom/protocol';
import type { Fallbacks } from '../core/choose-model.ts';
import { findMediaNames } from '../core/conversation.ts';
import { noLimits } from '../core/limits.ts';
import type { Order } from '../core/order.ts';
import { createInputProblem, formatPath, parseInput } from '../core/parse-input.ts';
import { Problem } from '../core/problem.ts';
import { toLane } from '../core/service-tiers.ts';
import type { Upstream } from '../core/upstreams.ts';
import type { RequestWebhook } from '../core/webhooks.ts';
import { toFallbacks } from '../models/fallbacks.ts';
import { createMissingModelProblem } from '../models/missing-model.ts';
import type { ModelSpec, PayloadLimits } from '../models/model-spec.ts';
import type { ModelRegistry } from '../models/registry.ts';
import { type ChosenTier, toChosenTier, toTierRefusal, toTiers, toUsualSeconds } from '../models/tier-choice.ts';
import type { TargetRules } from '../outbound/fetch-target.ts';
import type { Clock } from '../platform/clock.ts';
import { createRequestId } from '../platform/ids.ts';
import type { OpenCallStore } from '../store/open-call-store.ts';
import type { RemovalStore } from '../store/removal-store.ts';
import type { Idempotency, NewRequest, OpenCall, RequestStore, SubmitResult } from '../store/request-store.ts';
import type { Caller } from './caller.ts';
import { checkBuckets } from './check-buckets.ts';
import { checkMask } from './check-mask.ts';
import { type InlineContext, storeInlinePictures } from './inline-pictures.ts';
import { findHistory } from './previous-conversation.ts';
import { type Submitted, toSubmitted } from './submit-results.ts';
import { toRequestWebhook, type WebhookWish } from './webhook-choice.ts';

/** What a caller requests, whatever the dialect. */
export interface Submission {
  readonly caller: Caller;
  /** The public id of a model. */
  readonly model: string;
  /** Not checked yet. */
  readonly payload: unknown;
  /**
   * The payload's JSON text, as it was sent: a parsed payload has lost the order of its keys, and the exact form of its numbers.
   * It is called when a row is to be kept, and not for a submit that is replayed.
   */
  readonly payloadText: () => string;
  readonly priority: number;
  /** The request gives up when it is not done by then; if left out, after the usual time of its tier. */
  readonly deadlineSeconds?: number;
  /** How long the request is kept after its end, at most; left out: as the operator says. */
  readonly retainSeconds?: number | undefined;
  /** May another model that its own names be called instead? Left out: yes. */
  readonly allowsStandIn?: boolean;
  readonly webhook: WebhookWish | undefined;
  readonly idempotency: Idempotency | undefined;
  /** The name of the wire that it came by. */
  readonly wire: string;
  readonly limits: PayloadLimits;
  /** How the upstream is to serve it; the standard tier if left out. */
  readonly serviceTier?: TierChoice | undefined;
  /** On calls that stay open until their request has ended: a client whose line was cut makes the call again. */
  readonly repeat?: OpenCall | undefined;
}

/**
 * Accepts a request: it is durably in the queue when this resolves. The same idempotency key and body return the same request,
 * however often they come; so does a call that is made again (`OpenCallStore.join`). Rejects with a `Problem` when the submit is refused; then nothing of it is kept. The order of the
 * checks is fixed: an unknown model is reported before a wrong payload.
 */
export type Submit = (submission: Submission) => Promise<Submitted>;

export interface SubmitOptions {
  readonly store: RequestStore;
  readonly openCalls: Pick<OpenCallStore, 'join'>;
  readonly removals: RemovalStore;
  readonly models: ModelRegistry;
  /** For the inline pictures of payloads. */
  readonly inline: Omit<InlineContext, 'store'>;
  /** How many requests an organization without a limit of its own may have queued. */
  readonly maxQueued: number;
  readonly pool: readonly Upstream[];
  /** Where webhooks may go. */
  readonly webhookRules: TargetRules;
  readonly clock: Clock;
}

export function createSubmit(given: SubmitOptions): Submit {
  const options = { ...given, fallbacks: toFallbacks(given.models) };
  return async (submission) => {
    const checked = check(submission, options);
    // Before anything is stored for it: a submit that is sent again contains its pictures again.
    const before = await findBefore(submission, options);
    return toSubmitted(before ?? (await keep(submission, checked, options)));
  };
}

/** What an earlier submit of the same idempotency key, or an earlier call, has made. */
async function findBefore(
  { idempotency, repeat, caller: { organizationId, apiKeyId } }: Submission,
  { store, openCalls, clock }: SubmitOptions,
): Promise<SubmitResult | undefined> {
  // A call that joins is counted among those that wait for the request.
  const joined = repeat && (await openCalls.join({ ...repeat, organizationId, apiKeyId }, clock.now()));
  return joined ?? (idempotency && (await store.replay(organizationId, idempotency, clock.now())));
}

/** What the checks of a submission have found. */
interface Checked {
  readonly model: ModelSpec;
  readonly payload: Payload;
  readonly webhook: RequestWebhook | undefined;
}

function check({ model: id, webhook, idempotency, ...given }: Submission, options: SubmitOptions): Checked {
  const model = options.models.find(id);
  if (!model) throw createMissingModelProblem(options.models, id);
  assertAllowed(given.caller, model);
  const checked = {
    model,
    payload: parsePayload(model, given),
    webhook: toRequestWebhook(webhook, options.webhookRules),
  };
  if (given.serviceTier) checkTier(given.serviceTier, checked);
  if (idempotency) parseInput(idempotencyKeySchema, idempotency.key, 'Idempotency-Key');
  return checked;
}

/** Throws the `Problem` of a key that is limited to other models. */
function assertAllowed({ modelIds }: Caller, { id }: ModelSpec): void {
  if (!modelIds || modelIds.includes(id)) return;
  const message = `This API key may not be used for ${id}. Its models are ${modelIds.join(', ')}.`;
  throw new Problem('model_not_allowed', message);
}

/** Throws the `Problem` of a payload that the model does not accept. */
function parsePayload(model: ModelSpec, { payload, limits }: Pick<Submission, 'payload' | 'limits'>): Payload {
  const parsed = model.parse(payload, limits);
  if (parsed.kind === 'parsed') return parsed.payload;
  throw createInputProblem(parsed.issues.map(({ path, message }) => ({ path: formatPath('payload', path), message })));
}

/** Every model has the cheapest tier: one of those that it has is the cheapest. */
function checkTier(choice: TierChoice, { model, payload }: Pick<Checked, 'model' | 'payload'>): void {
  const tiers: readonly TierChoice[] = [...toTiers(model, payload), 'cheapest'];
  if (tiers.includes(choice)) return;
  const message = `must be one of the tiers of ${model.id}, which are ${tiers.join(', ')}`;
  const why = choice === 'cheapest' ? undefined : toTierRefusal(choice, model, payload);
  throw createInputProblem([{ path: 'service_tier', message: why === undefined ? message : `${message}: ${why}` }]);
}

type KeepOptions = SubmitOptions & { readonly fallbacks: Fallbacks };

/** Stores the inline pictures and the row; when the row is not kept, nor are the pictures. */
async function keep(submission: Submission, checked: Checked, options: KeepOptions): Promise<SubmitResult> {
  const { caller, payloadText } = submission;
  const { store, removals, inline } = options;
  const text = payloadText();
  const history = await findHistory({ store, removals }, checked.payload, caller.organizationId);
  const id = createRequestId();
  const { organizationId, apiKeyId, limits = noLimits } = caller;
  const owner = { requestId: id, organizationId, apiKeyId, limits };
  const stored = await storeInlinePictures(text, checked.payload, { ...inline, store, owner });
  let isKept = false;
  try {
    const order = checked.model.toOrder(stored.checked, history);
    if (order.mask !== undefined) await checkMask(order, inline);
    const { isReadByStandIns } = checkBuckets(order, { model: checked.model, pool: options.pool });
    const { payload, inline: pictures } = stored;
    const allowsStandIn = isReadByStandIns && (submission.allowsStandIn ?? true);
    const prepared = { id, order, payload, inline: pictures, uses: toUses(order, pictures), allowsStandIn };
    const request = toNewRequest(submission, { checked, prepared, options });
    const result = await store.submit(request);
    isKept = result.kind === 'submitted';
    return result;
  } finally {
    await stored.release(isKept);
  }
}

/** Stored pictures that others brought: those of the request itself go with it. */
function toUses({ conversation, mask }: Order, inline: NewRequest['inline']): readonly string[] {
  const named = findMediaNames(conversation, mask === undefined ? [] : [mask]);
  if (named.size === 0) return [];
  const own = inline.flatMap(({ name, isKnown }) => (isKnown ? [] : [name]));
  return [...named.difference(new Set(own))];
}

type Prepared = Required<Pick<NewRequest, 'id' | 'order' | 'payload' | 'inline' | 'uses' | 'allowsStandIn'>>;

function toNewRequest(
  submission: Submission,
  {
    checked: { model, webhook },
    prepared: { id, order, payload, inline, uses, allowsStandIn },
    options: { clock, fallbacks, maxQueued },
  }: { readonly checked: Checked; readonly prepared: Prepared; readonly options: KeepOptions },
): NewRequest {
  const { caller, priority, deadlineSeconds, retainSeconds, idempotency, repeat, wire, serviceTier } = submission;
  const now = clock.now();
  const { ofKey, ofOrganization } = caller.limits ?? noLimits;
  const choice = serviceTier ?? 'standard';
  const deadlineAt = now + (deadlineSeconds ?? toUsualSeconds(choice)) * 1_000;
  const chosen = toChosenTier(choice, { model, order, now, deadlineAt });
  const estimatedCostMicros = model.price(order, chosen.dearest);
  const others = allowsStandIn ? toOtherPrices(order, { model, chosen, fallbacks }) : [];
  return {
    id,
    organizationId: caller.organizationId,
    apiKeyId: caller.apiKeyId,
    model: model.id,
    payload,
    inline,
    uses,
    order: { ...order, ...(chosen.plan && { tiers: chosen.plan }) },
    priority,
    ...(serviceTier && { serviceTier }),
    tier: chosen.tier,
    ...(chosen.movesUpAt !== undefined && { movesUpAt: chosen.movesUpAt }),
    estimatedCostMicros,
    reservedMicros: Math.max(estimatedCostMicros, ...others),
    createdAt: now,
    deadlineAt,
    ...(retainSeconds !== undefined && { retainMs: retainSeconds * 1_000 }),
    wire,
    allowsStandIn,
    traceparent: caller.traceparent,
    maxQueued: ofOrganization.queued_requests ?? maxQueued,
    ...(ofKey.queued_requests !== undefined && { maxQueuedOfKey: ofKey.queued_requests }),
    ...(webhook && { webhook }),
    ...(idempotency && { idempotency }),
    ...(repeat && { call: repeat }),
  };
}

/** What the models would cost that may be called instead, in any tier in which the request may be made. */
function toOtherPrices(
  order: Order,
  {
    model,
    chosen,
    fallbacks,
  }: { readonly model: ModelSpec; readonly chosen: ChosenTier; readonly fallbacks: Fallbacks },
): readonly number[] {
  if (fallbacks.size === 0) return [];
  const lanes = new Set([chosen.tier, chosen.dearest].map((tier) => toLane(model.id, tier)));
  const named = [...lanes].flatMap((lane) => fallbacks.get(lane) ?? []);
  return named.flatMap(({ adapt }) => adapt(order)?.estimatedCostMicros ?? []);
}
