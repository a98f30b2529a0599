import { type SignInReply, signInBodySchema } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import { parseInput } from '../../core/parse-input.ts';
import type { SignIn } from '../../keys/sign-in.ts';
import { unauthorized } from '../auth.ts';
import { signInPath } from '../prefixes.ts';

export interface SignInRouteOptions {
  readonly signIn: Pick<SignIn, 'redeem'>;
}

const maxBodyBytes = 1_024;

/** A key for the code of the link that `npm start` prints. The code is in no address and in no log. */
export function registerSignInRoute(app: FastifyInstance, { signIn }: SignInRouteOptions): void {
  app.post(signInPath, { bodyLimit: maxBodyBytes }, async ({ body, ip }, reply): Promise<SignInReply> => {
    const { code } = parseInput(signInBodySchema, body, '');
    const apiKey = await signIn.redeem(code, ip);
    if (apiKey === undefined) throw unauthorized(unusableCode);
    reply.header('cache-control', 'no-store');
    return { api_key: apiKey };
  });
}

const unusableCode =
  'This sign-in link was already used, is older than an hour, or is from an earlier start. Sign in with an API key, or start Darkroom again: it prints a new link.';
