import type { Failure } from '../core/failures.ts';
import type { Moderation, Ruling } from '../moderation/moderation.ts';
import type { Claim } from '../store/request-store.ts';

/** Whether the calls of a claim may be sent. */
export type Admission =
  /** `flag`: what the moderation said when it let the request pass with a flag. */
  { readonly kind: 'admitted'; readonly flag?: string } | { readonly kind: 'refused'; readonly failure: Failure };

/**
 * Asks the moderation before the first call of a request. The attempt log keeps its ruling, so that it is asked once: again only
 * when it had not answered, when the only calls since then were lost, and after a requeue.
 */
export async function admit(claim: Claim, moderation: Moderation, signal: AbortSignal): Promise<Admission> {
  return toAdmission(findRuling(claim) ?? (await moderation.askAboutRequest(claim, signal)));
}

/** The ruling of an earlier attempt since the request was queued. */
function findRuling({ request, attempts }: Claim): Ruling | undefined {
  const own = attempts.filter(({ startedAt }) => startedAt >= request.queuedAt);
  const blocked = own.find(({ sentAt, failure }) => sentAt === undefined && failure?.code === 'moderation_blocked');
  if (blocked?.failure) return { kind: 'blocked', reason: blocked.failure.message };
  // What was sent had been allowed.
  const sent = own.find((attempt) => attempt.sentAt !== undefined && (attempt.failure ?? attempt.answer));
  if (!sent) return undefined;
  const flagged = sent.answer?.moderationFlags?.find(({ about }) => about === 'request');
  const reason = sent.failure?.moderationFlag ?? flagged?.reason;
  return reason === undefined ? { kind: 'allowed' } : { kind: 'flagged', reason };
}

function toAdmission(ruling: Ruling): Admission {
  switch (ruling.kind) {
    case 'allowed':
      return { kind: 'admitted' };
    case 'flagged':
      return { kind: 'admitted', flag: ruling.reason };
    case 'blocked':
      return { kind: 'refused', failure: { code: 'moderation_blocked', message: ruling.reason } };
    case 'unanswered': {
      const message = 'The moderation of this service did not answer.';
      return { kind: 'refused', failure: { code: 'moderation_unavailable', message } };
    }
  }
}
