import type { ByteRange } from './storage-driver.ts';

/**
 * Parses a `Range` header for an object of `bytes` bytes (RFC 9110, 14.2). `undefined` means the whole object: this
 * code does not understand the header, and the header must then be ignored and not refused. A header with several
 * ranges also gets the whole object.
 */
export function parseByteRange(header: string, bytes: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first, last] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  // Without a first byte, it is the number of bytes from the end.
  const start = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? Number.POSITIVE_INFINITY : Number(last);
  if (end < start && first !== '') return undefined;
  if (start >= bytes) return 'unsatisfiable';
  return { start, end: Math.min(end, bytes - 1) };
}
