import { forgetApiKey, keepApiKey, readApiKey } from './api-key.ts';
import { forgetDraft } from './draft-store.ts';
import { toSentence } from './sentences.ts';
import { endSession, isSessionToken, readSignInWays, redeem, toRefusal } from './sign-in-ways.ts';
import { forgetUploads } from './uploads/kept-uploads.ts';

/** A visitor with a key is signed in. Without a key, `reason` may say why the visitor must sign in. */
export type Visitor = { readonly apiKey: string } | { readonly apiKey?: undefined; readonly reason?: string };

export function signIn(apiKey: string): Visitor {
  keepApiKey(apiKey);
  return { apiKey };
}

/** With a reason, the server has refused the visitor. Without one, a person's session ends on the server, too. */
export function signOut(reason?: string): Visitor {
  const apiKey = readApiKey();
  if (reason === undefined && apiKey !== undefined && isSessionToken(apiKey)) endSession(apiKey);
  forgetApiKey();
  forgetUploads();
  forgetDraft();
  return reason === undefined ? {} : { reason };
}

/**
 * Signs the visitor in with the one-time link that Darkroom printed, after a sign-in through a provider, or with the key of the last
 * sign-in. A link that was already used changes nothing for a visitor who is signed in.
 */
export async function findVisitor(): Promise<Visitor> {
  const kept = readApiKey();
  try {
    const apiKey = await findNewKey(takeHash());
    if (apiKey !== undefined) return signIn(apiKey);
  } catch (error) {
    if (kept === undefined) return { reason: error instanceof RefusedSignIn ? error.message : toSentence(error) };
  }
  return kept === undefined ? {} : { apiKey: kept };
}

/** What the address says behind its `#` when a visitor has just come from a sign-in. */
async function findNewKey({ name, value }: Hash): Promise<string | undefined> {
  switch (name) {
    case 'sign-in':
      return redeem(value);
    case 'signed-in':
      return readToken();
    case 'sign-in-refused':
      throw new RefusedSignIn(toRefusal(value));
    default:
      return undefined;
  }
}

async function readToken(): Promise<string> {
  const { session_token: token } = await readSignInWays();
  if (token === null) throw new RefusedSignIn(toRefusal('lost'));
  return token;
}

/** Its message is a sentence for the reader. */
class RefusedSignIn extends Error {}

interface Hash {
  readonly name: string;
  readonly value: string;
}

const names = ['sign-in', 'signed-in', 'sign-in-refused'];

/** Takes it out of the address and of the browser's history. Other pages use the `#` for what is theirs. */
function takeHash(): Hash {
  const { hash, pathname, search } = window.location;
  const [name = '', value = ''] = hash.slice(1).split('=', 2);
  if (!names.includes(name)) return { name: '', value: '' };
  window.history.replaceState(null, '', `${pathname}${search}`);
  return { name, value };
}
