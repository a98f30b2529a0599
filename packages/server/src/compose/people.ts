import type { Config } from '../config/load-config.ts';
import { openIdReturnPath } from '../http/prefixes.ts';
import { createNoteRefusal } from '../keys/note-refusal.ts';
import { createOpenIdSignIn, type OpenIdSignIn } from '../people/open-id-sign-in.ts';
import { createSeal } from '../people/sealed.ts';
import { createSessions, type Sessions } from '../people/sessions.ts';
import { createSecret } from '../platform/ids.ts';
import type { Ground } from './ground.ts';

export function composeSessions({ signIn }: Config, { store, clock, logger }: Ground): Sessions {
  const { sessionIdleMs: idleMs, sessionLifetimeMs: lifetimeMs } = signIn;
  return createSessions({ ...store, idleMs, lifetimeMs, clock, logger });
}

/** The sign-in through a provider, when the settings name one. */
export async function composeOpenId(
  { signIn: { openId } }: Config,
  { store, proxies, publicUrl, clock, logger }: Ground,
  sessions: Sessions,
): Promise<OpenIdSignIn | undefined> {
  if (!openId) return undefined;
  // Its libraries are loaded only where they are needed.
  const { createOpenIdProvider } = await import('../people/open-id-provider.ts');
  return createOpenIdSignIn({
    ...openId,
    provider: createOpenIdProvider({ ...openId, proxies, clock }),
    sessions,
    noteRefusal: createNoteRefusal({ audit: store.audit, clock }),
    seal: createSeal(await store.keys.ensureSecret('sign-in', createSecret(256))),
    returnUrl: () => `${publicUrl()}${openIdReturnPath}`,
    clock,
    logger,
  });
}
