import { z } from 'zod';

/** Texts separated by commas. Empty ones are left out. */
export function commaList(rule?: { readonly error: string }) {
  return z.string(rule).transform((text) => text.split(',').flatMap((entry) => entry.trim() || []));
}
