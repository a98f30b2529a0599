/** Where the picture `name` is read. `publicUrl` is the service's own address, without a slash at its end. */
export function toMediaUrl(publicUrl: string, name: string): string {
  return `${publicUrl}/media/${name}`;
}
