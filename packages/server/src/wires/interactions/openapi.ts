import { z } from 'zod';
import type { ZodOpenApiOperationObject } from 'zod-openapi';
import type { OpenApiPart } from '../../http/openapi/document.ts';
import { googleErrorSchema } from '../google-errors.ts';
import { googleSecurity, googleSecuritySchemes } from '../google-keys.ts';
import { interactionsPrefix } from './addresses.ts';
import { createBodySchema } from './create-body.ts';
import { querySchema } from './get-query.ts';

const tags = ['Gemini Interactions'];

const interactionSchema = z
  .looseObject({
    id: z.string().meta({ description: 'The id of the request.' }),
    status: z.enum(['queued', 'in_progress', 'completed', 'incomplete', 'failed', 'cancelled']),
    model: z.string(),
    created: z.string(),
    updated: z.string(),
    steps: z.array(z.looseObject({ type: z.string() })),
    usage: z.looseObject({ cost_usd: z.number() }).optional(),
    errors: z.array(z.object({ code: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Interaction' });

const answer = (description: string, schema: z.ZodType = interactionSchema) => ({
  200: { description, content: { 'application/json': { schema } } },
  default: { description: 'Why the call was refused.', content: { 'application/json': { schema: googleErrorSchema } } },
});

const ofOne = { path: z.object({ id: z.string() }) };

function operation(more: ZodOpenApiOperationObject): ZodOpenApiOperationObject {
  return { tags, security: googleSecurity, ...more };
}

export const interactionsPart: OpenApiPart = {
  tags,
  securitySchemes: googleSecuritySchemes,
  paths: {
    [interactionsPrefix]: {
      post: operation({
        operationId: 'createInteraction',
        summary: 'Make a picture in an interaction',
        description: 'Answers when the picture is made; at once with `background`; with events with `stream`.',
        requestBody: { required: true, content: { 'application/json': { schema: createBodySchema } } },
        responses: answer('The interaction, or its events.'),
      }),
    },
    [`${interactionsPrefix}/{id}`]: {
      get: operation({
        operationId: 'getInteraction',
        summary: 'Read an interaction',
        requestParams: { ...ofOne, query: querySchema },
        responses: answer('The interaction as it is.'),
      }),
      delete: operation({
        operationId: 'deleteInteraction',
        summary: 'Cancel an interaction, or delete one that has ended',
        description: 'One that has ended is gone afterwards, with its pictures.',
        requestParams: ofOne,
        responses: answer('It is cancelled or gone.', z.object({})),
      }),
    },
    [`${interactionsPrefix}/{id}/cancel`]: {
      post: operation({
        operationId: 'cancelInteraction',
        summary: 'Cancel an interaction',
        description: 'An interaction that has ended stays as it is.',
        requestParams: ofOne,
        responses: answer('The interaction as it is now.'),
      }),
    },
  },
};
