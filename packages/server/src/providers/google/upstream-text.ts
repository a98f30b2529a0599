import { z } from 'zod';

/** What a failure may keep of the upstream's or the model's words. */
const maxQuoteLength = 2000;
const maxWordLength = 200;

/**
 * Text from outside, fit for every store and every JSON: at most so long, without NUL, which PostgreSQL does not take, and
 * without halves of surrogate pairs. All text of an upstream enters here, in one of the three forms below.
 */
export function toSafeText(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replaceAll('\0', '\ufffd').toWellFormed();
}

/** Text for a failure: bounded, and without the API key, should the upstream repeat it. */
export function quoteText(text: string, apiKey: string): string {
  const safe = apiKey === '' ? text : text.replaceAll(apiKey, '[API key]');
  return toSafeText(safe.trim(), maxQuoteLength);
}

/** A word of the protocol, as JSON holds it: an id, a reason, a type. Anything but a string is taken for missing. */
export const wordSchema = z
  .string()
  .transform((word) => toSafeText(word.trim(), maxWordLength))
  .optional()
  .catch(undefined);
