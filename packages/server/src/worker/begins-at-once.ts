import type { Claim } from '../store/request-store.ts';

/**
 * Are the calls of the claim sent as soon as it is written? Then one commit says both. Not when something may come between them:
 * pictures and signatures that are brought into the folder, earlier calls that leave an image without hope, or the deadline.
 */
export function beginsAtOnce({ request, order, attempts }: Claim, now: number): boolean {
  const { conversation, mask } = order;
  const isText = conversation.every(({ parts }) =>
    parts.every((part) => part.kind === 'text' && part.signatureKey === undefined),
  );
  return isText && mask === undefined && attempts.length === 0 && now < request.deadlineAt;
}
