/** The library is loaded when it is needed: it takes 70 ms and 13 MB, which a service without callers of this wire saves. */
export function loadLibrary() {
  return import('@modelcontextprotocol/server');
}

export type Library = Awaited<ReturnType<typeof loadLibrary>>;
