import type { TokenUsageRecord, UsageReport } from '@darkroom/protocol';
import { toDollars } from '../../../core/pricing.ts';
import type { Usage } from '../../../core/usage.ts';
import type { UsageSum } from './usage-sums.ts';

/** What was spent on one day, model or key, or on all of them. */
export function toUsageRow(sum: UsageSum): UsageReport['rows'][number] {
  const { day, model, apiKeyId, success, failed, cancelled, pictures, costMicros } = sum;
  return {
    ...(day !== undefined && { day }),
    ...(model !== undefined && { model }),
    ...(apiKeyId !== undefined && { user_id: apiKeyId }),
    success,
    failed,
    cancelled,
    pictures,
    cost_usd: toDollars(costMicros),
  };
}

/** The tokens of a call or a request. */
export function toTokenUsage(usage: Usage): TokenUsageRecord {
  return {
    prompt_tokens: usage.promptTokens,
    image_tokens: usage.imageTokens,
    text_tokens: usage.textTokens,
    thought_tokens: usage.thoughtTokens,
    total_tokens: usage.totalTokens,
  };
}
