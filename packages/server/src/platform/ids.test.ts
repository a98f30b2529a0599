import { describe, expect, it } from 'vitest';
import { createKeyId, createRequestId, createSecret } from './ids.ts';

describe('ids', () => {
  it('of requests are version 7 UUIDs that sort in the order of their creation', () => {
    const before = Date.now();
    const ids = Array.from({ length: 20_000 }, createRequestId);
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids.slice(0, 100))
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const msecs = Number.parseInt((ids[0] ?? '').replace('-', '').slice(0, 12), 16);
    expect(msecs).toBeGreaterThanOrEqual(before);
    expect(msecs).toBeLessThanOrEqual(Date.now());
  });

  it('that must not be guessed have the promised length and are never repeated', () => {
    const secrets = Array.from({ length: 5_000 }, () => createSecret());
    expect(new Set(secrets).size).toBe(secrets.length);
    expect(secrets.every((secret) => /^[\w-]{32}$/.test(secret))).toBe(true);
    expect(createSecret(256)).toHaveLength(43);
    expect(createKeyId()).toMatch(/^[A-Za-z0-9]{8}$/);
  });
});
