import { DarkroomError } from '@darkroom/client';
import type { SignInReply } from '@darkroom/protocol';
import { forgetApiKey, keepApiKey, readApiKey } from './api-key.ts';
import { forgetDraft } from './draft-store.ts';
import { toSentence } from './sentences.ts';
import { forgetUploads } from './uploads/kept-uploads.ts';

/** A visitor with a key is signed in. Without a key, `reason` may say why the visitor must sign in. */
export type Visitor = { readonly apiKey: string } | { readonly apiKey?: undefined; readonly reason?: string };

export function signIn(apiKey: string): Visitor {
  keepApiKey(apiKey);
  return { apiKey };
}

export function signOut(reason?: string): Visitor {
  forgetApiKey();
  forgetUploads();
  forgetDraft();
  return reason === undefined ? {} : { reason };
}

/**
 * Signs the visitor in with the one-time link that Darkroom printed, or with the key of the last sign-in. A link that was
 * already used changes nothing for a visitor who is signed in.
 */
export async function findVisitor(): Promise<Visitor> {
  const code = takeCode();
  const kept = readApiKey();
  if (code !== undefined) {
    try {
      return signIn(await redeem(code));
    } catch (error) {
      if (kept === undefined) return { reason: toSentence(error) };
    }
  }
  return kept === undefined ? {} : { apiKey: kept };
}

const mark = '#sign-in=';

/** Takes the code out of the address and of the browser's history. */
function takeCode(): string | undefined {
  const { hash, pathname, search } = window.location;
  if (!hash.startsWith(mark)) return undefined;
  window.history.replaceState(null, '', `${pathname}${search}`);
  return hash.slice(mark.length);
}

const longestWaitMs = 10_000;

/** Exchanges the code for a key. The code is sent only once, because a second time it would be refused. */
async function redeem(code: string): Promise<string> {
  const response = await fetch('/api/v1/sign-in', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
    signal: AbortSignal.timeout(longestWaitMs),
  });
  if (!response.ok) throw new DarkroomError(response.status, await response.json().catch(() => ({})));
  const reply: SignInReply = await response.json();
  return reply.api_key;
}
