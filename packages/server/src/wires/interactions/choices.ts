import { z } from 'zod';
import type { ImageRequest } from '../../core/image-request.ts';

/**
 * What a caller chose about the answer. The request keeps it in its payload, under `interaction`, where no model looks: an
 * interaction that is read later looks like the answer to its call.
 */
const choicesSchema = z.object({
  delivery: z.enum(['inline', 'uri']).optional(),
  /** Is what the model said left out? */
  without_text: z.boolean().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  /** For the receivers of webhooks: their messages contain the payload. */
  user_metadata: z.record(z.string(), z.unknown()).optional(),
});

export type Choices = z.output<typeof choicesSchema>;

/** What this wire reads of a payload, which may have come by another wire. */
const payloadSchema = z.object({
  interaction: choicesSchema.catch({}).default({}),
  previous_request_id: z.string().optional().catch(undefined),
});

export function readChoices({ payload }: ImageRequest): Choices & { readonly previousId: string | undefined } {
  const { interaction, previous_request_id: previousId } = payloadSchema.parse(JSON.parse(payload));
  return { ...interaction, previousId };
}
