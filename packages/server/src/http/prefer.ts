import type { FastifyRequest } from 'fastify';

/**
 * The seconds of the preference `wait` (https://www.rfc-editor.org/rfc/rfc7240#section-4.3), from 1 to 600. As the RFC says,
 * other preferences are ignored, the first of several counts, and a preference that cannot be parsed is ignored.
 */
export function parseWait(prefer: string | readonly string[] | undefined): number | undefined {
  // Most calls have none.
  if (prefer === undefined) return undefined;
  const preferences = [prefer].flat().join(',').split(',');
  for (const preference of preferences) {
    const [, value] = /^\s*wait\s*=\s*"?([^";]*)"?\s*(?:;.*)?$/is.exec(preference) ?? [];
    if (value === undefined) continue;
    const seconds = /^\d{1,3}$/.test(value.trim()) ? Number(value) : 0;
    return seconds >= 1 && seconds <= 600 ? seconds : undefined;
  }
  return undefined;
}

/** Does the call stay open until its request has ended? */
export function prefersToWait({ headers }: FastifyRequest): boolean {
  return parseWait(headers['prefer']) !== undefined;
}

/** Does the caller ask for an answer at once, with a place to poll? https://www.rfc-editor.org/rfc/rfc7240#section-4.1 */
export function prefersAsync({ headers }: FastifyRequest): boolean {
  const preferences = [headers['prefer'] ?? []].flat().join(',').split(/[,;]/);
  return preferences.some((preference) => preference.trim().toLowerCase() === 'respond-async');
}
