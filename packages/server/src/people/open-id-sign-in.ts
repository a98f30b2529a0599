import { z } from 'zod';
import { isSameHash } from '../core/api-keys.ts';
import type { Actor } from '../core/audit.ts';
import type { NoteRefusal } from '../keys/note-refusal.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { type AccessRules, toKnownPerson, toName } from './claims.ts';
import type { IdentityProvider, PendingSignIn } from './identity-provider.ts';
import type { Seal } from './sealed.ts';
import type { BegunSession, Origin, Sessions } from './sessions.ts';
import { SignInRefusal } from './sign-in-refusal.ts';

/**
 * The room of people who sign in to the console: through a provider of OpenID Connect, which knows them and their groups. The groups
 * give them roles in organizations (`claims.ts`), and the browser gets a session (`sessions.ts`). Keys and the one-time link are in
 * `keys/`, and need none of this.
 */
export interface OpenIdSignIn {
  /** What the button says. */
  readonly name: string;
  /**
   * Begins a sign-in: where to send the browser, and what it keeps until it comes back. Nothing is stored here, so that strangers
   * cost nothing. Rejects with a `SignInRefusal`.
   */
  begin(): Promise<{ readonly url: string; readonly kept: string }>;
  /** Ends a sign-in of the browser that kept what `begin` gave it. Rejects with a `SignInRefusal`. */
  finish(answer: ProviderAnswer, from: Origin): Promise<BegunSession>;
  close(): Promise<void>;
}

/** How the browser comes back. */
export interface ProviderAnswer {
  /** The query of the address. */
  readonly query: string;
  readonly kept: string | undefined;
}

export interface OpenIdSignInOptions {
  readonly name: string;
  readonly issuer: string;
  readonly rules: AccessRules;
  readonly provider: IdentityProvider;
  readonly sessions: Sessions;
  readonly seal: Seal;
  readonly noteRefusal: NoteRefusal;
  /** Where the provider sends the browser back to. */
  readonly returnUrl: () => string;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Logger;
}

/** How long somebody may take at the provider. */
export const pendingMs = 600_000;
/** Each sign-in asks the provider up to four times. */
const maxUnderWay = 32;

export function createOpenIdSignIn(options: OpenIdSignInOptions): OpenIdSignIn {
  const { name, provider, seal, returnUrl, clock, logger } = options;
  let underWay = 0;
  return {
    name,
    begin: () =>
      logRefusal(logger, async () => {
        const { url, pending } = await provider.begin(returnUrl());
        return { url, kept: seal.seal(JSON.stringify({ ...pending, until: clock.now() + pendingMs })) };
      }),
    finish: (answer, from) =>
      logRefusal(logger, async () => {
        const pending = openKept(answer, options);
        if (underWay >= maxUnderWay) throw new SignInRefusal('busy');
        underWay += 1;
        try {
          return await finish({ answer, pending, from }, options);
        } finally {
          underWay -= 1;
        }
      }),
    close: () => provider.close(),
  };
}

interface Returned {
  readonly answer: ProviderAnswer;
  readonly pending: PendingSignIn;
  readonly from: Origin;
}

async function finish(
  { answer, pending, from }: Returned,
  { issuer, rules, provider, sessions, returnUrl, noteRefusal, clock, logger }: OpenIdSignInOptions,
): Promise<BegunSession> {
  let actor: Actor = { ...somebody, address: from.address };
  try {
    const claims = await provider.finish(new URL(`${returnUrl()}?${answer.query}`), pending);
    actor = { kind: 'person', id: claims.sub, name: toName(claims), address: from.address };
    const begun = await sessions.begin(toKnownPerson(claims, { issuer, rules }), from, actor);
    if (!begun) throw new SignInRefusal('ended');
    logger.info({ event: 'session.began', apiKeyId: begun.apiKeyId });
    return begun;
  } catch (error) {
    if (error instanceof SignInRefusal) await noteRefusal({ actor, at: clock.now() }, error.message);
    throw error;
  }
}

const somebody = { kind: 'unknown', id: 'openid-connect', name: 'A browser that came back from the provider' } as const;

const keptSchema = z.object({ state: z.string(), nonce: z.string(), codeVerifier: z.string(), until: z.number() });

/** Only the browser that began a sign-in can end it, and only with the `state` that it was given. */
function openKept({ query, kept = '' }: ProviderAnswer, { seal, clock }: OpenIdSignInOptions): PendingSignIn {
  const text = seal.open(kept);
  const pending = text === undefined ? undefined : keptSchema.parse(JSON.parse(text));
  const state = new URLSearchParams(query).get('state') ?? '';
  if (!pending || clock.now() >= pending.until || !isSameHash(state, pending.state)) throw new SignInRefusal('lost');
  return pending;
}

/** The log says why in the words of the library, without the answers of the provider. */
async function logRefusal<Result>(logger: Logger, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SignInRefusal) {
      const cause = error.cause instanceof Error ? error.cause : undefined;
      logger.warn({ event: 'sign-in.refused', reason: error.reason, cause: cause?.message });
    }
    throw error;
  }
}
