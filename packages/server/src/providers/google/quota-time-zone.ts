/** Daily quotas are reset at midnight Pacific time. Source: https://ai.google.dev/gemini-api/docs/rate-limits */
export const quotaTimeZone = 'America/Los_Angeles';
