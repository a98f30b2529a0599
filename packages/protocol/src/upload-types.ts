/** What `file_type` can be, and the type that the bytes then must have. */
export const uploadTypes = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  webp: 'image/webp',
  heic: 'image/heic',
  heif: 'image/heif',
} as const;

export type UploadType = keyof typeof uploadTypes;
