/**
 * The public address of a Google Cloud Storage object: `gs://bucket/a b.png` is
 * `https://storage.googleapis.com/bucket/a%20b.png`. Everything after the bucket is the object's name, character by
 * character: a `?`, `#` or `%` in it has no other meaning. `undefined` when it is not such a URI.
 */
export function toHttpsUrl(uri: string): string | undefined {
  const [, bucket, name] = /^gs:\/\/([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])\/(.+)$/s.exec(uri) ?? [];
  if (!bucket || !name?.isWellFormed() || isDots(name)) return undefined;
  const segments = name.split('/');
  // A URL would take the dots for steps up; after an encoded slash they are characters of the name.
  const separator = segments.some(isDots) ? '%2F' : '/';
  return `https://storage.googleapis.com/${bucket}/${segments.map(encodeURIComponent).join(separator)}`;
}

function isDots(segment: string): boolean {
  return segment === '.' || segment === '..';
}
