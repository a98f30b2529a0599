import { rm } from 'node:fs/promises';
import { JsonDecodeError, SpooledString } from '@darkroom/json-stream';
import type { Failure } from '../core/failures.ts';
import { toDecodeFailure, toUnwritableFailure } from './call-failures.ts';
import { TransportError } from './transport.ts';

/** The readable part of an error's body: its status is enough when the rest is too long or does not come. */
export async function readText(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk.subarray(0, maxBytes - bytes));
      bytes += chunk.length;
      if (bytes >= maxBytes) break;
    }
  } catch (error) {
    if (!(error instanceof TransportError || error instanceof JsonDecodeError)) throw error;
  }
  return Buffer.concat(chunks).toString();
}

/** The failure when an answer came and could not be read; rethrows all other errors. */
export function toReadingFailure(error: unknown): Failure {
  if (error instanceof JsonDecodeError) return toDecodeFailure(error);
  const isSystemError = error instanceof Error && 'syscall' in error && 'code' in error;
  if (isSystemError) return toUnwritableFailure(String(error.code));
  throw error;
}

/** Removes the files of a decoded answer, except those to keep. */
export async function removeSpooled(value: unknown, kept: readonly string[]): Promise<void> {
  for (const path of spooledPaths(value)) if (!kept.includes(path)) await rm(path, { force: true });
}

function spooledPaths(value: unknown): readonly string[] {
  if (value instanceof SpooledString) return [value.file.path];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(spooledPaths) : [];
}
