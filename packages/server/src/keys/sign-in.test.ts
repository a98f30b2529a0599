import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/fakes/manual-clock.ts';
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { createSignIn, type SignIn } from './sign-in.ts';

describe('the code of a sign-in link', () => {
  let store: Store;
  let clock: ManualClock;
  let signIn: SignIn;
  beforeEach(() => {
    store = openSqliteStore({ file: ':memory:' });
    clock = new ManualClock();
    signIn = createSignIn({ keys: store.keys, audit: store.audit, clock });
  });
  afterEach(() => store.close());

  it('gives an admin key, once', async () => {
    const code = signIn.issue();
    const key = await signIn.redeem(code);
    expect(key).toMatch(/^dk_/);
    expect(await store.keys.list()).toMatchObject([
      { name: 'console', scopes: ['read', 'submit', 'manage', 'admin'], organizationIds: ['default'] },
    ]);
    expect(await signIn.redeem(code)).toBeUndefined();
  });

  it('gives only one key to two calls at the same time', async () => {
    const code = signIn.issue();
    const keys = await Promise.all([signIn.redeem(code), signIn.redeem(code)]);
    expect(keys.filter((key) => key !== undefined)).toHaveLength(1);
    expect(await store.keys.list()).toHaveLength(1);
  });

  it('has 256 random bits, and is different each time', () => {
    const codes = [signIn.issue(), signIn.issue()];
    expect(codes[0]).not.toBe(codes[1]);
    for (const code of codes) expect(Buffer.from(code, 'base64url')).toHaveLength(32);
  });

  it('is valid for less than an hour', async () => {
    const early = signIn.issue();
    clock.advance(3_599_999);
    expect(await signIn.redeem(early)).toBeDefined();
    const late = signIn.issue();
    clock.advance(3_600_000);
    expect(await signIn.redeem(late)).toBeUndefined();
  });

  it('gives nothing when it is wrong, was replaced or was never issued; a wrong code does not use up the right one', async () => {
    expect(await signIn.redeem('anything')).toBeUndefined();
    const first = signIn.issue();
    const second = signIn.issue();
    expect(await signIn.redeem(first)).toBeUndefined();
    expect(await signIn.redeem('')).toBeUndefined();
    expect(await signIn.redeem(second)).toBeDefined();
  });
});
