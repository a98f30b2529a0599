/** The bases of the AI SDK's majors: the numbers are those of the SDK's model specification. */
export const gatewayVersions = ['v3', 'v4'] as const;
export type GatewayVersion = (typeof gatewayVersions)[number];

export function toPrefix(version: GatewayVersion): string {
  return `/${version}/ai`;
}

/** A base URL without the version, or without all of its path, means the newest. */
export function toFullPath(url: string): string {
  return url.replace(/^\/+(?:(?:v[12]\/+)?ai\/+)?image-model(?=[/?]|$)/, `${toPrefix('v4')}/image-model`);
}
