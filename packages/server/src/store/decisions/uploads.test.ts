import { describe, expect, it } from 'vitest';
import type { UploadRow } from '../rows/upload-rows.ts';
import { findExceeded, toTaken, toUsed } from './uploads.ts';

const granted: UploadRow = { via: 'service', counted_bytes: 50, sha256: null, is_used: false, ends_at: 9 };
const content = { bytes: 40, sha256: 'hash', endsAt: 99 };

describe('bytes that have arrived', () => {
  it('take their name once', () => {
    const change = { countedBytes: 40, endsAt: 99, addedBytes: -10 };
    expect(toTaken(granted, content)).toEqual({ answer: 'taken', change });
    expect(toTaken({ ...granted, sha256: 'hash' }, content)).toEqual({ answer: 'taken' });
    expect(toTaken({ ...granted, sha256: 'other' }, content)).toEqual({ answer: 'conflict' });
  });

  it('have no address where none was given out, or where the bucket takes them', () => {
    expect(toTaken(undefined, content)).toEqual({ answer: 'missing' });
    expect(toTaken({ ...granted, via: 'bucket' }, content)).toEqual({ answer: 'missing' });
  });

  it('count as nothing when a request already uses them', () => {
    const change = { countedBytes: 0, endsAt: null, addedBytes: -50 };
    expect(toTaken({ ...granted, is_used: 1 }, content)).toEqual({ answer: 'taken', change });
  });
});

describe('an upload that a request uses', () => {
  it('counts as nothing and never ends, once its bytes are there', () => {
    const freed = { countedBytes: 0, endsAt: null, addedBytes: -50 };
    expect(toUsed({ ...granted, sha256: 'hash' })).toEqual(freed);
    expect(toUsed({ ...granted, via: 'bucket' })).toEqual(freed);
    expect(toUsed(granted)).toEqual({ countedBytes: 50, endsAt: 9, addedBytes: 0 });
  });
});

describe('the limits of unused uploads', () => {
  it('hold for the key and for its organization', () => {
    const limits = { ofKey: 10, ofOrganization: 20 };
    expect(findExceeded({ ofKey: 10, ofOrganization: 20 }, limits)).toBeUndefined();
    expect(findExceeded({ ofKey: 11, ofOrganization: 11 }, limits)).toBe('key');
    expect(findExceeded({ ofKey: 1, ofOrganization: 21 }, limits)).toBe('organization');
  });
});
