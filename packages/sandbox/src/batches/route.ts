/** The calls of batch jobs, and of the files that they read and write. */
export type BatchRoute =
  | { readonly kind: 'batch-create'; readonly version: string; readonly model: string }
  | { readonly kind: 'batch-list'; readonly pageSize: number; readonly pageToken: string | undefined }
  | { readonly kind: 'batch-get' | 'batch-cancel' | 'batch-delete'; readonly id: string }
  | { readonly kind: 'file-begin'; readonly version: string }
  | { readonly kind: 'file-upload' | 'file-get' | 'file-delete' | 'file-download'; readonly id: string };

const createPath = /^\/([^/]+)\/models\/([^/]+)(?::|%3A)batchGenerateContent$/i;
const batchPath = /^\/[^/]+\/batches\/([^/:%]+)(?:(?::|%3A)(cancel))?$/i;
const listPath = /^\/[^/]+\/batches\/?$/;
const uploadPath = /^\/upload\/([^/]+)\/files\/?$/;
const filePath = /^(?:\/download)?\/[^/]+\/files\/([^/:%]+)(?:(?::|%3A)(download))?$/i;
const largestPage = 1_000;
const usualPage = 50;

export function parseBatchRoute(method: string | undefined, url: URL | null): BatchRoute | undefined {
  const path = url?.pathname ?? '';
  switch (method) {
    case 'POST':
      return parsePost(path, url);
    case 'GET':
      return parseGet(path, url);
    case 'DELETE': {
      const batch = batchPath.exec(path)?.[1];
      const file = filePath.exec(path)?.[1];
      if (batch !== undefined) return { kind: 'batch-delete', id: batch };
      return file === undefined ? undefined : { kind: 'file-delete', id: file };
    }
    default:
      return undefined;
  }
}

function parsePost(path: string, url: URL | null): BatchRoute | undefined {
  const [, version, model] = createPath.exec(path) ?? [];
  if (version !== undefined && model !== undefined)
    return { kind: 'batch-create', version, model: model.slice(0, 100) };
  const [, id, verb] = batchPath.exec(path) ?? [];
  if (id !== undefined && verb !== undefined) return { kind: 'batch-cancel', id };
  const [, uploadVersion] = uploadPath.exec(path) ?? [];
  const uploadId = url?.searchParams.get('upload_id');
  if (uploadVersion === undefined) return undefined;
  return uploadId ? { kind: 'file-upload', id: uploadId } : { kind: 'file-begin', version: uploadVersion };
}

function parseGet(path: string, url: URL | null): BatchRoute | undefined {
  if (listPath.test(path)) {
    const asked = Number(url?.searchParams.get('pageSize') ?? usualPage);
    const pageSize = Math.min(largestPage, Math.max(1, Number.isInteger(asked) ? asked : usualPage));
    return { kind: 'batch-list', pageSize, pageToken: url?.searchParams.get('pageToken') ?? undefined };
  }
  const [, id, verb] = batchPath.exec(path) ?? [];
  if (id !== undefined && verb === undefined) return { kind: 'batch-get', id };
  const [, file, download] = filePath.exec(path) ?? [];
  if (file === undefined) return undefined;
  return { kind: download === undefined ? 'file-get' : 'file-download', id: file };
}
