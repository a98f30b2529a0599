/** The values of `file_type`, and the media type that the bytes must have. */
export const uploadTypes = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  webp: 'image/webp',
  heic: 'image/heic',
  heif: 'image/heif',
} as const;

export type UploadType = keyof typeof uploadTypes;
