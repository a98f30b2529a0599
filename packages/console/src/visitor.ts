import { DarkroomError } from '@darkroom/client';
import type { SignInReply } from '@darkroom/protocol';
import { forgetApiKey, keepApiKey, readApiKey } from './api-key.ts';
import { forgetDraft } from './draft-store.ts';
import { toSentence } from './sentences.ts';
import { forgetUploads } from './uploads/kept-uploads.ts';

/** Who is not signed in may have been sent to the sign-in with a reason. */
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
 * Who opens the page: by the one-time link that Darkroom printed, or by the key of the last sign-in. A link that was used
 * before changes nothing for who is signed in already.
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

/** The code of the address, which then no longer stands there, nor in the browser's history. */
function takeCode(): string | undefined {
  const { hash, pathname, search } = window.location;
  if (!hash.startsWith(mark)) return undefined;
  window.history.replaceState(null, '', `${pathname}${search}`);
  return hash.slice(mark.length);
}

const longestWaitMs = 10_000;

/** Changes the code for a key. It is sent once: a second time it would be refused. */
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
