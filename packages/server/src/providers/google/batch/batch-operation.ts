import { z } from 'zod';

/*
 * What Google says about a batch job. Source: https://ai.google.dev/api/batch-api, and the types of @google/genai 3. Its SDK reads the
 * output from `metadata`, Google's examples for REST read it from `response`.
 */

const text = z.string().min(1).optional().catch(undefined);
const count = z.coerce.number().int().min(0).optional().catch(undefined);

const outputSchema = z
  .object({
    responsesFile: text,
    inlinedResponses: z
      .object({ inlinedResponses: z.array(z.unknown()) })
      .optional()
      .catch(undefined),
  })
  .optional()
  .catch(undefined);

const operationSchema = z.object({
  name: z.string().min(1),
  metadata: z
    .object({
      state: text,
      displayName: text,
      batchStats: z.object({ successfulRequestCount: count }).optional().catch(undefined),
      output: outputSchema,
    })
    .optional()
    .catch(undefined),
  response: outputSchema,
  error: z.unknown().optional(),
});

export interface BatchOperation {
  readonly name: string;
  readonly displayName: string | undefined;
  readonly state: GoogleState | undefined;
  /** How many calls have been made, as far as the upstream counts them. */
  readonly successful: number | undefined;
  readonly responsesFile: string | undefined;
  readonly inlinedResponses: readonly unknown[] | undefined;
  readonly error: unknown;
}

const states = ['pending', 'running', 'succeeded', 'failed', 'cancelled', 'expired'] as const;
type GoogleState = (typeof states)[number];

/** `undefined`: it is no job. */
export function parseOperation(value: unknown): BatchOperation | undefined {
  const { data } = operationSchema.safeParse(value);
  if (!data) return undefined;
  const { name, metadata, response, error } = data;
  return {
    name,
    displayName: metadata?.displayName,
    state: toState(metadata?.state),
    successful: metadata?.batchStats?.successfulRequestCount,
    responsesFile: metadata?.output?.responsesFile ?? response?.responsesFile,
    inlinedResponses: (metadata?.output ?? response)?.inlinedResponses?.inlinedResponses,
    error,
  };
}

/** `BATCH_STATE_RUNNING`; Vertex AI and older answers say `JOB_STATE_RUNNING`. */
function toState(word: string | undefined): GoogleState | undefined {
  const name = word?.replace(/^(?:BATCH|JOB)_STATE_/, '').toLowerCase();
  return states.find((state) => state === name);
}

const listSchema = z.object({
  operations: z.array(z.unknown()).catch([]),
  nextPageToken: text,
});

export interface OperationPage {
  readonly operations: readonly BatchOperation[];
  readonly nextPageToken: string | undefined;
}

/** `undefined`: it is no list. */
export function parseOperations(value: unknown): OperationPage | undefined {
  const { data } = listSchema.safeParse(value);
  if (!data) return undefined;
  return {
    operations: data.operations.flatMap((one) => parseOperation(one) ?? []),
    nextPageToken: data.nextPageToken,
  };
}

const keyedSchema = z.object({
  key: text,
  metadata: z.object({ key: text }).optional().catch(undefined),
  response: z.unknown().optional(),
  error: z.unknown().optional(),
});

export interface KeyedResponse {
  readonly key: string;
  /** As `generateContent` would have answered. */
  readonly answer: unknown;
}

/** A line of a file of answers, or one of the inlined ones. `undefined`: nobody can tell whose answer it is. */
export function parseKeyed(value: unknown): KeyedResponse | undefined {
  const { data } = keyedSchema.safeParse(value);
  const key = data?.key ?? data?.metadata?.key;
  if (!data || key === undefined) return undefined;
  return { key, answer: data.response ?? { error: data.error } };
}
