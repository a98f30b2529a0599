import { toFailureKind } from '../../src/core/failures.ts';
import type { Attempt, ImageRequest } from '../../src/core/image-request.ts';
import type { AuditedRequest } from './audit.ts';
import type { Findings } from './findings.ts';
import { fallbacks, models, toVendor, upstreams, type Vendor, vendors } from './models.ts';

/** Whether each call was made on a model that may be called, by an account that serves it, and costs what that model costs. */
export function auditModels(all: readonly AuditedRequest[]): Findings {
  const lines = all.flatMap(({ request, attempts }) => attempts.map((line) => ({ request, line, attempts })));
  return {
    'costs-of-the-model': lines.flatMap(findWrongCost),
    'tier-as-ordered': lines.flatMap(findWrongTier),
    'stand-ins-by-the-rule': [...lines.flatMap(findWrongStandIn), ...all.flatMap(findUntoldStandIn)],
  };
}

interface LoggedCall {
  readonly request: ImageRequest;
  readonly line: Attempt;
  /** All lines of the request. */
  readonly attempts: readonly Attempt[];
}

/** The model that was called. */
export function toCalledModel({ request, line }: Pick<LoggedCall, 'request' | 'line'>): string {
  return line.standIn?.model ?? request.model;
}

/** The vendors of which a model was called instead of one of another vendor. */
export function listHelpers(all: readonly AuditedRequest[]): readonly Vendor[] {
  const helped = all
    .flatMap(({ request, attempts }) => attempts.map((line) => ({ request, line })))
    .filter((call) => toVendor(toCalledModel(call)) !== toVendor(call.request.model));
  return vendors.filter((vendor) => helped.some((call) => toVendor(toCalledModel(call)) === vendor));
}

/** The sandboxes count the tokens of everything that they charge for. */
function findWrongCost({ request, line }: LoggedCall): readonly string[] {
  const { usage, serviceTier } = line;
  const model = toCalledModel({ request, line });
  const cost = usage ? models.find(model)?.cost(usage, { tier: serviceTier }) : 0;
  return cost === line.costMicros ? [] : [`${toText(line)} has cost ${line.costMicros}, and ${cost} on ${model}`];
}

/** Another model is called in the flex tier only for a request of that tier. */
function findWrongTier({ request, line }: LoggedCall): readonly string[] {
  const { serviceTier: used } = line;
  const wish = request.serviceTier;
  const isRight = used === undefined || used === 'standard' || (used === 'flex' && wish !== undefined);
  return isRight ? [] : [`${toText(line)} was made in ${used}, ${request.serviceTier ?? 'standard'} was ordered`];
}

function findWrongStandIn({ request, line, attempts }: LoggedCall): readonly string[] {
  const { standIn } = line;
  const model = toCalledModel({ request, line });
  // An upstream's name is text for the store; the servers know no others.
  const isServed = upstreams[line.upstream as keyof typeof upstreams] === toVendor(model);
  const problems = isServed ? [] : [`${model} was called at ${line.upstream}`];
  if (standIn) {
    const rule = fallbacks[request.model]?.find((one) => one.model === standIn.model);
    const refused = attempts.find(({ number, failure }) => number < line.number && isRefusedContent(failure));
    if (!rule?.when.includes(standIn.reason)) problems.push(`${request.model} names no ${model} for ${standIn.reason}`);
    if (!request.allowsStandIn) problems.push(`${model} was called, which the request forbids`);
    if (refused) problems.push(`${model} was called after ${refused.failure?.code}`);
  }
  return problems.map((problem) => `${toText(line)}: ${problem}`);
}

function isRefusedContent(failure: Attempt['failure']): boolean {
  if (!failure) return false;
  const { blame, isRetryable } = toFailureKind(failure.code);
  return blame === 'caller' && !isRetryable;
}

/** A success names the stand-in that made its pictures. */
function findUntoldStandIn({ request, attempts }: AuditedRequest): readonly string[] {
  if (request.outcome?.kind !== 'success') return [];
  const told = request.outcome.standIn?.model;
  const made = new Set(attempts.filter(({ answer }) => answer).map(({ standIn }) => standIn?.model));
  const isTrue = told === undefined ? !made.size || made.has(undefined) : made.has(told);
  return isTrue ? [] : [`${request.id} was made by ${[...made]}, and its outcome says ${told}`];
}

function toText({ requestId, number, imageIndex }: Attempt): string {
  return `call ${requestId}/${number}/${imageIndex}`;
}
