import type { z } from 'zod';
import { createInputProblem } from '../../core/parse-input.ts';
import { Problem } from '../../core/problem.ts';
import type { ToolCall } from './tool.ts';
import type { pictureShape } from './tools/argument-schemas.ts';

export type PictureGiven = z.output<z.ZodObject<typeof pictureShape>>;

type Ports = Pick<ToolCall, 'call' | 'intake' | 'media' | 'publicUrl'>;

/** The URLs of the pictures, in their order. Throws a `Problem` that names the one that cannot be found. */
export function toReferenceUrls(references: readonly PictureGiven[], ports: Ports): Promise<readonly string[]> {
  return Promise.all(references.map((one, index) => toPictureUrl(one, `references[${index}]`, ports)));
}

/** The URL of a picture. `path` names it. */
export async function toPictureUrl(given: PictureGiven, path: string, ports: Ports): Promise<string> {
  assertOne(given, path);
  const { url, upload_id } = given;
  if (url !== undefined) return url;
  const name = upload_id ?? (await findPictureName(given, path, ports));
  return ports.media.toAddress(name, ports.publicUrl()).url;
}

/** Throws the `Problem` of a picture that is named in no way, or in several. */
export function assertOne({ url, request_id, upload_id, index }: PictureGiven, path: string): void {
  const ways = [url, request_id, upload_id].filter((way) => way !== undefined);
  if (ways.length !== 1)
    throw createInputProblem([
      { path: at(path, 'request_id'), message: 'or url or upload_id must be given, and only one of them' },
    ]);
  if (index !== undefined && request_id === undefined)
    throw createInputProblem([{ path: at(path, 'index'), message: 'needs request_id' }]);
}

async function findPictureName(
  { request_id = '', index = 0 }: PictureGiven,
  path: string,
  { call, intake }: Ports,
): Promise<string> {
  const request = await intake.find(call.caller, request_id).catch((error: unknown) => {
    if (!(error instanceof Problem) || error.code !== 'not_found') throw error;
    throw createInputProblem([{ path: at(path, 'request_id'), message: 'is not the id of one of your requests' }]);
  });
  if (request.outcome?.kind !== 'success') {
    throw createInputProblem([
      {
        path: at(path, 'request_id'),
        message: `is a request with the status ${request.status}, so it has no pictures`,
      },
    ]);
  }
  const { pictures } = request.outcome;
  const picture = pictures[index];
  if (picture) return picture.name;
  const message = `is ${index}, but that request made pictures 0 to ${pictures.length - 1}`;
  throw createInputProblem([{ path: at(path, 'index'), message }]);
}

function at(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
