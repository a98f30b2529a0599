import { stat } from 'node:fs/promises';
import { digestFile } from '../file-md5.ts';
import type { ByteRange, WriteOptions } from '../storage-driver.ts';
import type { Loaded, S3Place } from './s3-client.ts';
import { isUnknownToServer } from './s3-errors.ts';
import { FileBody } from './s3-file-body.ts';

/** A larger file is sent in parts, so that a failure costs only one of them. */
const largestInOne = 32 * 1024 * 1024;
/** S3 accepts at most 10,000 parts, and none below 5 MiB except the last. */
const partBytes = 16 * 1024 * 1024;

type Target = S3Place & WriteOptions;

/** Stores the file; when it rejects, no part is left behind. */
export async function putFile(loaded: Loaded, path: string, target: Target): Promise<void> {
  const { size } = await stat(path);
  if (size > largestInOne) return await putInParts(loaded, { path, size }, target);
  const { client, sdk } = loaded;
  const body = await toBody(path, { start: 0, end: size - 1 });
  await client.send(new sdk.PutObjectCommand({ ...toHead(target), ...body }));
}

/** Aborts uploads in parts of this object that were left by processes killed while they sent it. */
export async function abandonUploads({ client, sdk }: Loaded, { Bucket, Key }: S3Place): Promise<void> {
  // The prefix is the whole name. Longer keys come after it, so the first page has every upload of this one.
  const listed = await client
    .send(new sdk.ListMultipartUploadsCommand({ Bucket, Prefix: Key }))
    .catch((error: unknown) => {
      if (isUnknownToServer(error)) return { Uploads: [] };
      throw error;
    });
  for (const upload of listed.Uploads ?? []) {
    if (upload.Key !== Key) continue;
    await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId: upload.UploadId }));
  }
}

async function putInParts(
  loaded: Loaded,
  { path, size }: { readonly path: string; readonly size: number },
  target: Target,
): Promise<void> {
  const { client, sdk } = loaded;
  const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(toHead(target)));
  const upload = { Bucket: target.Bucket, Key: target.Key, UploadId };
  try {
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for (const [index, range] of toRanges(size).entries()) {
      const part = { ...upload, PartNumber: index + 1 };
      const { ETag } = await client.send(new sdk.UploadPartCommand({ ...part, ...(await toBody(path, range)) }));
      Parts.push({ PartNumber: part.PartNumber, ETag });
    }
    await client.send(new sdk.CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  } catch (error) {
    // The first error is reported; `delete` tries again, and so can a rule of the bucket.
    await client.send(new sdk.AbortMultipartUploadCommand(upload)).catch(() => {});
    throw error;
  }
}

function toHead({ Bucket, Key, contentType, cacheControl }: Target) {
  return {
    Bucket,
    Key,
    ContentType: contentType,
    ...(cacheControl !== undefined && { CacheControl: cacheControl }),
  };
}

async function toBody(path: string, range: ByteRange) {
  const length = range.end - range.start + 1;
  // For a stream, an empty range looks the same as one up to the end.
  if (length === 0) return { Body: '', ContentLength: 0 };
  const body = new FileBody(path, range);
  return { Body: body.asInput(), ContentLength: length, ContentMD5: await digestFile(path, range) };
}

function toRanges(size: number): readonly ByteRange[] {
  return Array.from({ length: Math.ceil(size / partBytes) }, (_, index) => {
    const start = index * partBytes;
    return { start, end: Math.min(start + partBytes, size) - 1 };
  });
}
