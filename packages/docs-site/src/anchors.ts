/** The anchor of a heading, as GitHub makes it: lower-case letters, digits and underscores, with hyphens for spaces. */
export function toAnchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}
