import { type ConversationTurn, toMediaUri } from './conversation.ts';
import type { KeptPart } from './image-request.ts';

/** Turns an answer into the model's turn of its conversation. */
export function toModelTurn(parts: readonly KeptPart[]): ConversationTurn {
  return {
    role: 'model',
    parts: parts.map((part) => {
      if (part.kind === 'text') return { kind: 'text', text: part.text };
      const { name, format } = part.picture;
      return { kind: 'picture', uri: toMediaUri(name), mimeType: `image/${format}` };
    }),
  };
}
