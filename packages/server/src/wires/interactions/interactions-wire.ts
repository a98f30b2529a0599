import { toGoogleErrorReply } from '../google-errors.ts';
import { googleKeyScheme } from '../google-keys.ts';
import { createLongCalls } from '../long-calls.ts';
import type { Wire, WirePorts } from '../wire.ts';
import { interactionsPrefix, toFullPath } from './addresses.ts';
import { interactionsPart } from './openapi.ts';
import { inOwnWords } from './own-words.ts';
import { registerInteractions } from './routes.ts';

/** References come inline, up to ten of them. */
const maxBodyBytes = 32 * 1024 * 1024;

/**
 * The Interactions API of Gemini (https://ai.google.dev/gemini-api/docs/interactions-overview), as far as pictures go. An
 * interaction is a request of the queue, and its id is the request's.
 */
export function createInteractionsWire(ports: WirePorts): Wire {
  const toErrorReply: Wire['toErrorReply'] = (problem) => toGoogleErrorReply(inOwnWords(problem));
  const longCalls = createLongCalls({ ...ports, toErrorReply });
  return {
    name: 'interactions',
    scopes: [
      {
        prefix: interactionsPrefix,
        register: (scope, gates) => registerInteractions(scope, gates, { ...ports, longCalls }),
      },
    ],
    toFullPath,
    keyScheme: googleKeyScheme,
    maxBodyBytes,
    toErrorReply,
    openApi: interactionsPart,
  };
}
