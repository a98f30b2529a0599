import path from 'node:path';

/** A path as a person reads it best: from the current folder when it is inside, else whole. */
export function toShownPath(place: string): string {
  const relative = path.relative('', place) || '.';
  return relative.startsWith('..') ? place : relative;
}
