import { hashApiKey, isSameHash } from '../core/api-keys.ts';
import type { Actor, By } from '../core/audit.ts';
import type { Clock } from '../platform/clock.ts';
import { createSecret } from '../platform/ids.ts';
import type { AuditStore } from '../store/audit-store.ts';
import type { KeyStore } from '../store/key-store.ts';
import { makeApiKey } from './api-keys.ts';
import { createNoteRefusal } from './note-refusal.ts';
import { RecentNotes } from './recent-notes.ts';

/** Signs operators in without a key, with a code that this process printed. Codes are forgotten when the process ends. */
export interface SignIn {
  /** Returns a new code, valid for one use within an hour. The previous code is no longer valid. */
  issue(): string;
  /** Uses up the code and creates an admin key. `undefined`: the code is wrong, used or too old. Both are noted in the audit log. */
  redeem(code: string, address?: string): Promise<string | undefined>;
  /** Notes that somebody signs in with a key: once an hour for each key and address. */
  noteKey(actor: Actor): Promise<void>;
  /** Notes that somebody from this address was refused, and why, in a sentence without secrets. */
  noteRefusedKey(address: string, reason: string): Promise<void>;
}

export interface SignInOptions {
  readonly keys: Pick<KeyStore, 'create'>;
  readonly audit: Pick<AuditStore, 'record'>;
  readonly clock: Clock;
}

const validMs = 3_600_000;

/** Only the hash of the code is kept. With its 256 random bits, the code cannot be guessed however often someone tries. */
export function createSignIn({ keys, audit, clock }: SignInOptions): SignIn {
  const noteRefusal = createNoteRefusal({ audit, clock });
  const recent = new RecentNotes(validMs);
  let issued: { readonly hash: string; readonly until: number } | undefined;
  return {
    issue: () => {
      const code = createSecret(256);
      issued = { hash: hashApiKey(code), until: clock.now() + validMs };
      return code;
    },
    redeem: async (code, address) => {
      const now = clock.now();
      const by: By = { actor: { ...bearer, address }, at: now };
      if (!issued || now >= issued.until || !isSameHash(hashApiKey(code), issued.hash)) {
        await noteRefusal(by, 'The sign-in link was used, too old or wrong.');
        return undefined;
      }
      // Cleared before any await, so that only one of two simultaneous calls gets a key.
      issued = undefined;
      const { text, row } = makeApiKey({ name: 'console', isAdmin: true, now });
      await keys.create(row, by);
      await audit.record(by, { action: 'console.signed_in', target: row.id });
      return text;
    },
    noteKey: async (actor) => {
      const now = clock.now();
      if (recent.isDue(`${actor.id} ${actor.address}`, 0, now))
        await audit.record({ actor, at: now }, { action: 'console.signed_in', target: actor.id });
    },
    noteRefusedKey: (address, reason) => noteRefusal({ actor: { ...keyHolder, address }, at: clock.now() }, reason),
  };
}

const keyHolder = { kind: 'unknown', id: 'api key', name: 'Somebody with an API key' } as const;
const bearer: Actor = { kind: 'unknown', id: 'sign-in link', name: 'The bearer of a sign-in link', address: undefined };
