import { z } from 'zod';
import { groupDigits } from './group-digits.ts';

/** A whole number of a JSON body. */
export function wholeNumber(min: number, max: number) {
  const error = toRule(min, max);
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** A whole number of a query string. */
export function wholeNumberText(min: number, max: number) {
  const error = toRule(min, max);
  return z.coerce.number({ error }).int({ error }).min(min, { error }).max(max, { error });
}

export const unixSeconds = z.int().meta({ description: 'Unix time in whole seconds.' });

function toRule(min: number, max: number): string {
  return `must be a whole number from ${min} to ${groupDigits(max)}`;
}
