import type { TurnResolver } from './turn-resolver.ts';

/** Resolves payloads that are a prompt alone. */
export const promptTurns: TurnResolver = {
  resolve: async ({ prompt, image, contents }) => {
    if (contents === undefined && prompt !== undefined && (image === undefined || image.length === 0)) {
      return { kind: 'turns', turns: [{ role: 'user', parts: [{ kind: 'text', text: prompt }] }] };
    }
    const message =
      'This version of Darkroom makes pictures of a prompt alone: reference pictures and conversations come with the next one.';
    return { kind: 'failed', failure: { code: 'reference_unavailable', message } };
  },
};
