import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { decodeJson, JsonDecodeError, type Spooling, splitLines } from '@darkroom/json-stream';
import { anything, list, message, text, type Violation } from '../proto-json.ts';
import { Refusal } from '../refusals.ts';
import type { FileShelf } from './file-shelf.ts';

/** One call of a job. Its pictures and signatures are files. */
export interface BatchedRequest {
  readonly key: string | undefined;
  /** The body of `generateContent`, as it came. */
  readonly request: unknown;
}

/** What a call that makes a job asks for. */
export interface BatchInput {
  readonly displayName: string;
  /** `inline`: the answers come inside of the job, too. */
  readonly form: 'inline' | 'file';
  readonly requests: readonly BatchedRequest[];
}

interface Receiving {
  readonly body: AsyncIterable<Uint8Array>;
  /** For the files of the calls. It must not exist yet. */
  readonly folder: string;
  readonly files: FileShelf;
}

/** Google documents 20 MB for calls inside of the call. */
const maxInlineBytes = 20 * 1024 * 1024;
const maxJsonBytes = 8 * 1024 * 1024;
const maxLineBytes = 100 * 1024 * 1024;

const create = message('BatchGenerateContentRequest', {
  batch: message('GenerateContentBatch', {
    name: text,
    displayName: text,
    model: text,
    priority: anything,
    webhookConfig: anything,
    inputConfig: message('InputConfig', {
      fileName: text,
      requests: message('InlinedRequests', {
        requests: list(message('InlinedRequest', { request: anything, metadata: anything })),
      }),
    }),
  }),
});

/** Reads and checks the call. Rejects with a `Refusal`. */
export async function receiveBatch({ body, folder, files }: Receiving): Promise<BatchInput> {
  await mkdir(folder, { recursive: true });
  const violations: Violation[] = [];
  const read = create(await decode(body, folder, maxInlineBytes), '', violations);
  if (violations.length > 0) throw Refusal.invalidArgument(violations.map(({ description }) => description).join('\n'));
  const { displayName = '', inputConfig } = read?.batch ?? {};
  const inlined = inputConfig?.requests?.requests ?? [];
  if ((inputConfig?.fileName === undefined) === (inlined.length === 0))
    throw Refusal.invalidArgument('* BatchGenerateContentRequest.batch.input_config: required oneof field is missing');
  if (inputConfig?.fileName === undefined) {
    const requests = inlined.map(({ request, metadata }) => ({ request, key: toKey(metadata) }));
    return { displayName, form: 'inline', requests };
  }
  const file = files.get(inputConfig.fileName);
  const requests: BatchedRequest[] = [];
  for await (const line of splitLines(createReadStream(file.path))) {
    const value = await decode(line, folder, maxLineBytes);
    const { request } = Object(value);
    if (request === undefined) throw Refusal.invalidArgument('A line of the input file has no request.');
    requests.push({ key: toKey(value), request });
  }
  return { displayName, form: 'file', requests };
}

function toKey(value: unknown): string | undefined {
  const { key } = Object(value);
  return typeof key === 'string' ? key : undefined;
}

async function decode(body: AsyncIterable<Uint8Array>, folder: string, maxBytes: number): Promise<unknown> {
  try {
    return await decodeJson(body, { folder, spool: toSpooling, maxBytes, maxFileBytes: maxBytes, maxJsonBytes });
  } catch (error) {
    if (!(error instanceof JsonDecodeError)) throw error;
    throw error.kind === 'too-large'
      ? Refusal.tooLarge(maxBytes)
      : Refusal.invalidArgument(`Invalid JSON payload received. ${error.message}`);
  }
}

/** Signatures are sent on as they came. */
function toSpooling(key: string): Spooling | undefined {
  if (key === 'data') return 'base64';
  return key === 'thoughtSignature' || key === 'thought_signature' ? 'spelled' : undefined;
}
