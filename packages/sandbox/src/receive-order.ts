import { mkdir, rm } from 'node:fs/promises';
import { decodeJson, JsonDecodeError } from '@darkroom/json-stream';
import { parseGenerateContentRequest } from './generate-content-request.ts';
import type { SandboxModel } from './models.ts';
import { Refusal } from './refusals.ts';
import { type Order, type SignaturePolicy, validate } from './validation.ts';

/** A body to read, and where to put its files. */
export interface Delivery {
  readonly model: SandboxModel;
  readonly signatures: SignaturePolicy;
  readonly body: AsyncIterable<Uint8Array>;
  /** The folder for the pictures and signatures of the body. It must not exist yet. */
  readonly folder: string;
}

/** The upstream accepts at most 100 MB in one call. */
export const maxBodyBytes = 100 * 1024 * 1024;

/** The limit for everything except pictures and signatures: enough for the longest prompt in any script. */
const maxJsonBytes = 4 * 1024 * 1024;

/**
 * Reads and checks a body and passes the order to `fill`. The pictures and signatures of the body are files until the order
 * is filled. No file is left when this resolves to the result of `fill`, or rejects. It rejects with a `Refusal` if the
 * body is not accepted.
 */
export async function receiveOrder<T>(delivery: Delivery, fill: (order: Order) => Promise<T>): Promise<T> {
  const { body, folder } = delivery;
  await mkdir(folder);
  try {
    return await fill(await validate(parseGenerateContentRequest(await readBody(body, folder)), delivery));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readBody(body: AsyncIterable<Uint8Array>, folder: string): Promise<unknown> {
  try {
    return await decodeJson(body, {
      folder,
      spool: toSpooling,
      maxBytes: maxBodyBytes,
      maxFileBytes: maxBodyBytes,
      maxJsonBytes,
    });
  } catch (error) {
    throw error instanceof JsonDecodeError ? toRefusal(error) : error;
  }
}

function toSpooling(key: string): 'base64' | 'text' | undefined {
  if (key === 'data') return 'base64';
  return key === 'thoughtSignature' || key === 'thought_signature' ? 'text' : undefined;
}

function toRefusal({ kind }: JsonDecodeError): Refusal {
  switch (kind) {
    case 'too-large':
      return Refusal.tooLarge(maxBodyBytes);
    case 'bad-base64':
      return Refusal.invalidArgument("Invalid value at 'inline_data.data' (TYPE_BYTES), Base64 decoding failed");
    case 'truncated':
      return Refusal.invalidArgument('Invalid JSON payload received. Unexpected end of string. Expected a value.');
    case 'syntax':
      return Refusal.invalidArgument('Invalid JSON payload received. Unexpected token.');
  }
}
