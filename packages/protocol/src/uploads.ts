import { z } from 'zod';

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

const words = Object.keys(uploadTypes) as [UploadType, ...UploadType[]]; // the table's own keys

export const uploadBodySchema = z.looseObject(
  { file_type: z.enum(words, { error: `must be one of ${words.join(', ')}` }) },
  { error: 'must be a JSON object {"file_type": "png"}' },
);

export const uploadReplySchema = z
  .object({
    upload_url: z.string().meta({ description: 'PUT the bytes here within 15 minutes, without a key.' }),
    public_url: z
      .string()
      .meta({ description: 'Where the picture can be read then; it can stand in `payload.image`.' }),
  })
  .meta({ id: 'UploadReply' });

export type UploadReply = z.infer<typeof uploadReplySchema>;
