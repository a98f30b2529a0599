import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ImageRequest } from '../../../../src/core/image-request.ts';
import { parseInput } from '../../../../src/core/parse-input.ts';
import type { Gates } from '../../../../src/http/gates.ts';
import type { Intake } from '../../../../src/intake/intake.ts';
import type { MediaStore } from '../../../../src/media/media-store.ts';
import type { Wire } from '../../../../src/wires/wire.ts';

export interface ScratchWireOptions {
  readonly intake: Intake;
  readonly media: MediaStore;
  readonly publicUrl: () => string;
}

const orderSchema = z.object({
  words: z.string().meta({ description: 'What to paint.' }),
  engine: z.string().default('sketch-1'),
  big: z.boolean().default(false),
  wide: z.boolean().default(false),
});

const ticketSchema = z.object({ ticket: z.string(), state: z.string(), picture: z.string().nullable() });
const waitMs = 20_000;

/** A dialect that the server has never heard of: tickets, its own header for the key, and its own errors. */
export function createScratchWire(options: ScratchWireOptions): Wire {
  return {
    name: 'scratch',
    scopes: [{ prefix: '/scratch', register: (scope, gates) => registerTickets(scope, gates, options) }],
    keyScheme: {
      read: ({ headers }) => headers['x-scratch-key']?.toString(),
      advice: 'send the header X-Scratch-Key',
    },
    toErrorReply: ({ code, message, retryAfterSeconds }) => ({
      status: code === 'unauthorized' ? 401 : 418,
      headers: {},
      body: { oops: message, kind: code, ...(retryAfterSeconds !== undefined && { later: retryAfterSeconds }) },
    }),
    openApi: {
      tags: ['Scratch'],
      paths: {
        '/scratch/tickets': {
          post: {
            operationId: 'takeTicket',
            tags: ['Scratch'],
            requestBody: { content: { 'application/json': { schema: orderSchema } } },
            responses: { 200: { description: 'A ticket', content: { 'application/json': { schema: ticketSchema } } } },
          },
        },
        '/scratch/tickets/{ticket}': {
          get: {
            operationId: 'readTicket',
            tags: ['Scratch'],
            requestParams: { path: z.object({ ticket: z.string() }) },
            responses: { 200: { description: 'A ticket', content: { 'application/json': { schema: ticketSchema } } } },
          },
        },
      },
    },
  };
}

function registerTickets(app: FastifyInstance, gates: Gates, { intake, media, publicUrl }: ScratchWireOptions): void {
  const toTicket = ({ id, status, outcome }: ImageRequest): z.infer<typeof ticketSchema> => {
    const [picture] = outcome?.kind === 'success' ? outcome.pictures : [];
    const state = outcome?.kind === 'failure' ? `failed: ${outcome.failure.code}` : status;
    return { ticket: id, state, picture: picture ? media.toAddress(picture.name, publicUrl()).url : null };
  };

  app.post('/tickets', { onRequest: [gates.room, gates.rate] }, async ({ body, caller, headers }) => {
    const { words, engine, big, wide } = parseInput(orderSchema, body, '');
    const payload = {
      prompt: words,
      image_size: big ? 'poster' : 'postcard',
      aspect_ratio: wide ? 'strip' : 'square',
    };
    const key = headers['x-once']?.toString();
    const bodyHash = createHash('sha256').update(JSON.stringify(body)).digest('hex');
    const { request } = await intake.submit({
      caller,
      model: engine,
      payload,
      payloadText: () => JSON.stringify(payload),
      priority: 0,
      deadlineSeconds: 600,
      webhook: undefined,
      idempotency: key === undefined ? undefined : { key, bodyHash },
      wire: 'scratch',
      limits: 'model',
    });
    return toTicket(request);
  });

  app.get<{ Params: { ticket: string } }>('/tickets/:ticket', async ({ caller, params }, reply) => {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    return toTicket(await intake.wait(caller, params.ticket, { timeoutMs: waitMs, signal: gone.signal }));
  });

  app.delete<{ Params: { ticket: string } }>('/tickets/:ticket', async ({ caller, params }) =>
    toTicket(await intake.cancel(caller, params.ticket)),
  );
}
