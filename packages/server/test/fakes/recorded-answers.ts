/** Answers of the upstream in all their known shapes; source: docs/architecture/upstream.md. */

export const picture = Buffer.from('the bytes of a picture');
export const signature = Buffer.from('the bytes of a signature').toString('base64');

export const picturePart = {
  inlineData: { mimeType: 'image/jpeg', data: picture.toString('base64') },
  thoughtSignature: signature,
};

export const thoughtParts = [
  { text: 'I shall draw a cat.', thought: true },
  { inlineData: { mimeType: 'image/jpeg', data: Buffer.from('a draft').toString('base64') }, thought: true },
];

export const usageMetadata = {
  promptTokenCount: 32,
  candidatesTokenCount: 1772,
  totalTokenCount: 2552,
  promptTokensDetails: [{ modality: 'TEXT', tokenCount: 32 }],
  candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1120 }],
  thoughtsTokenCount: 748,
};

/** A 200 with these parts, or with a candidate that has none. */
export function toAnswerBody(parts: readonly object[] | undefined, finishReason = 'STOP'): object {
  const content = parts && { content: { role: 'model', parts } };
  return {
    candidates: [{ ...content, finishReason, index: 0 }],
    usageMetadata,
    modelVersion: 'gemini-3-pro-image',
    responseId: 'DOd6afWPNZfjjrEPpZ3c0AM',
  };
}

export function toBlockedBody(blockReason: string): object {
  return {
    promptFeedback: { blockReason },
    usageMetadata: { promptTokenCount: 8 },
    modelVersion: 'gemini-3-pro-image',
  };
}

export function toErrorBody(code: number, status: string, message: string, details?: readonly object[]): object {
  return { error: { code, message, status, ...(details && { details }) } };
}

export function toErrorInfo(reason: string): object {
  return { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' };
}

export function toRetryInfo(retryDelay: string): object {
  return { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay };
}

export function toQuotaFailure(quotaId: string): object {
  const violation = {
    quotaMetric: 'generativelanguage.googleapis.com/generate_content_requests',
    quotaId,
    quotaValue: '20',
  };
  return { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [violation] };
}

export const quotaMessage =
  'You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.';
