import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type OpenIdSignIn, pendingMs } from '../../people/open-id-sign-in.ts';
import { SignInRefusal } from '../../people/sign-in-refusal.ts';
import { type CookieOptions, createCookie } from '../cookies.ts';
import { openIdPath, openIdReturnPath } from '../prefixes.ts';
import type { SessionAccess } from '../sessions.ts';

export interface OpenIdRoutesOptions {
  readonly openId: OpenIdSignIn;
  readonly access: SessionAccess;
  readonly publicUrl: CookieOptions['publicUrl'];
}

/**
 * A browser goes to the provider and comes back; both are addresses that it is sent to. How it ends is told to the console behind the
 * `#` of its page, as a word: a link of a stranger can show none of his own.
 */
export function registerOpenIdRoutes(app: FastifyInstance, { openId, access, publicUrl }: OpenIdRoutesOptions): void {
  const kept = createCookie({ name: 'darkroom-sign-in', sameSite: 'Lax', publicUrl });

  app.get(openIdPath, async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    const begun = await orRefusal(() => openId.begin());
    if (begun instanceof SignInRefusal) return reply.redirect(toRefusedPage(begun));
    kept.set(reply, begun.kept, pendingMs);
    return reply.redirect(begun.url);
  });

  app.get(openIdReturnPath, async (request, reply) => {
    reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
    kept.clear(reply);
    const answer = { query: request.url.split('?')[1] ?? '', kept: kept.read(request) };
    const begun = await orRefusal(() => openId.finish(answer, toOrigin(request)));
    if (begun instanceof SignInRefusal) return reply.redirect(toRefusedPage(begun));
    access.cookie.set(reply, begun.cookie, begun.lifetimeMs);
    return reply.redirect('/#signed-in');
  });
}

async function orRefusal<Result>(work: () => Promise<Result>): Promise<Result | SignInRefusal> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SignInRefusal) return error;
    throw error;
  }
}

function toRefusedPage({ reason }: SignInRefusal): string {
  return `/#sign-in-refused=${reason}`;
}

function toOrigin({ ip, headers }: FastifyRequest) {
  return { address: ip, browser: headers['user-agent'] ?? '' };
}
