import { type SignInReply, type SignInWays, signInBodySchema } from '@darkroom/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseInput } from '../../core/parse-input.ts';
import { Problem } from '../../core/problem.ts';
import { formatSessionToken, parseSessionCookie } from '../../core/session-token.ts';
import type { SignIn } from '../../keys/sign-in.ts';
import { type Authenticate, bearerScheme, toActor, unauthorized } from '../auth.ts';
import { dropBodies } from '../drop-bodies.ts';
import { signInKeyPath, signInPath } from '../prefixes.ts';
import { assertScope, toScope } from '../scopes.ts';
import { endedSession, findSession, type SessionAccess } from '../sessions.ts';

export interface SignInRoutesOptions {
  readonly signIn: Pick<SignIn, 'redeem' | 'noteKey' | 'noteRefusedKey'>;
  readonly authenticate: Authenticate;
  /** The provider's name on the button, when people can sign in through one. */
  readonly openIdName: string | undefined;
  readonly access: SessionAccess;
}

const maxBodyBytes = 1_024;

/** How somebody without a key signs in, and how a person signs out. */
export function registerSignInRoutes(app: FastifyInstance, options: SignInRoutesOptions): void {
  const { signIn, authenticate, access, openIdName } = options;

  app.get(signInPath, async (request, reply): Promise<SignInWays> => {
    reply.header('cache-control', 'no-store');
    return {
      openid_connect: openIdName === undefined ? null : { name: openIdName },
      session_token: (await readToken(request, access)) ?? null,
    };
  });

  /** A key for the code of the link that `npm start` prints. The code is in no address and in no log. */
  app.post(signInPath, { bodyLimit: maxBodyBytes }, async ({ body, ip }, reply): Promise<SignInReply> => {
    const { code } = parseInput(signInBodySchema, body, '');
    const apiKey = await signIn.redeem(code, ip);
    if (apiKey === undefined) throw unauthorized(unusableCode);
    reply.header('cache-control', 'no-store');
    return { api_key: apiKey };
  });

  /** The console reads with the key from then on. Nothing of this call is needed for that: it is for the audit log. */
  app.register(async (scope) => {
    dropBodies(scope);
    scope.post(signInKeyPath, { bodyLimit: maxBodyBytes }, async (request, reply) => {
      reply.header('cache-control', 'no-store');
      try {
        const caller = await authenticate(request, bearerScheme);
        assertScope(caller, toScope(request.method, signInKeyPath));
        await signIn.noteKey(caller.actor);
      } catch (error) {
        if (error instanceof Problem) await signIn.noteRefusedKey(request.ip, error.message);
        throw error;
      }
      return reply.code(204).send();
    });
  });

  app.delete(signInPath, async (request, reply) => {
    const token = bearerScheme.read(request);
    const found = token === undefined ? undefined : await findSession(request, token, access);
    if (!found) throw unauthorized(endedSession);
    await access.sessions.end(found.session.id, toActor(found.key, request.ip));
    access.cookie.clear(reply);
    return reply.code(204).send();
  });
}

/** The token for a page of our own; pages of other sites and hosts cannot read answers, and get none either. */
async function readToken(request: FastifyRequest, { sessions, cookie }: SessionAccess): Promise<string | undefined> {
  const value = cookie.read(request);
  const half = value === undefined ? undefined : parseSessionCookie(value);
  if (value === undefined || !half || !isFromOurPage(request)) return undefined;
  return (await sessions.findByCookie(value)) && formatSessionToken(half);
}

/** Old browsers do not say. */
function isFromOurPage({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}

const unusableCode =
  'This sign-in link was already used, is older than an hour, or is from an earlier start. Sign in with an API key, or start Darkroom again: it prints a new link.';
