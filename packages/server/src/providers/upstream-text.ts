import { z } from 'zod';

/** How much of the upstream's or the model's words a failure may keep. */
const maxQuoteLength = 2000;
const maxWordLength = 200;

/**
 * Text from outside, safe for every store and every JSON: of bounded length, without NUL, which PostgreSQL does not accept, and
 * without halves of surrogate pairs. All text of an upstream enters here, in one of the three forms below.
 */
export function toSafeText(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replaceAll('\0', '\ufffd').toWellFormed();
}

/** Text for a failure: bounded, and without the API key, in case the upstream repeats it. */
export function quoteText(text: string, apiKey: string): string {
  const safe = apiKey === '' ? text : text.replaceAll(apiKey, '[API key]');
  return toSafeText(safe.trim(), maxQuoteLength);
}

/** A word of the protocol, as JSON holds it: an id, a reason, a type. Any value but a string counts as missing. */
export const wordSchema = z
  .string()
  .transform((word) => toSafeText(word.trim(), maxWordLength))
  .optional()
  .catch(undefined);
