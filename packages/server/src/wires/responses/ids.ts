/** A response's id is that of its request, and the id of a picture also says which of the request's it is. */
const responsePrefix = 'resp_';

export function toResponseId(requestId: string): string {
  return `${responsePrefix}${requestId}`;
}

/** The id of the request that a response's id means; other texts stay as they are, and no request has them. */
export function toRequestId(responseId: string): string {
  return responseId.startsWith(responsePrefix) ? responseId.slice(responsePrefix.length) : responseId;
}

export function toPictureId(requestId: string, index: number): string {
  return `ig_${requestId}_${index}`;
}

export function parsePictureId(id: string): { readonly requestId: string; readonly index: number } | undefined {
  const [, requestId, index] = /^ig_([\w-]{1,100})_(\d{1,3})$/.exec(id) ?? [];
  return requestId === undefined ? undefined : { requestId, index: Number(index) };
}
