/** Where the wire lives. */
export const interactionsPrefix = '/v1beta/interactions';

/**
 * Google's SDKs write the version that they have been given, or none, and projects and locations for Vertex AI; people write the
 * version into the base URL as well. All of these addresses mean the same.
 */
export function toFullPath(url: string): string {
  return url.replace(anySpelling, interactionsPrefix);
}

const anySpelling = /^\/+(?:v1(?:alpha|beta)?\d*\/+)*(?:projects\/[^/?]+\/locations\/[^/?]+\/)?interactions(?=[/?]|$)/;
