export const usualHeaders = { accept: 'application/json', 'user-agent': 'darkroom' };

export function toJsonHeaders(bytes: number) {
  return { 'content-type': 'application/json', 'content-length': String(bytes) };
}
