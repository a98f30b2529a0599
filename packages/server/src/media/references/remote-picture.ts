import type { TurnRules } from '../../providers/image-model.ts';

/** A reference that the upstream reads itself, or why it cannot. */
export type RemotePicture =
  | { readonly kind: 'remote'; readonly uri: string; readonly mimeType: string }
  | { readonly kind: 'failed'; readonly reason: string };

interface Given {
  readonly uri: string;
  /** The type that the caller stated. */
  readonly mimeType?: string;
}

/** `undefined`: the upstream does not read the bucket, so the picture has to be fetched for it. */
export function toRemotePicture({ uri, mimeType }: Given, rules: TurnRules): RemotePicture | undefined {
  const bucket = toBucket(uri);
  if (bucket === undefined || !rules.buckets?.includes(bucket)) return undefined;
  const type = mimeType ?? types[/\.(\w+)$/.exec(uri)?.[1]?.toLowerCase() ?? ''];
  if (type !== undefined && rules.pictureTypes.includes(type)) return { kind: 'remote', uri, mimeType: type };
  return {
    kind: 'failed',
    reason: 'neither its mimeType nor its file name extension is of a type that the upstream reads',
  };
}

/** The bucket of a `gs://` URI; `undefined`: it is none. */
export function toBucket(uri: string): string | undefined {
  return /^gs:\/\/([^/]+)\/./s.exec(uri)?.[1];
}

const types: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  heic: 'image/heic',
  heif: 'image/heif',
};
