import { z } from 'zod';
import { type UploadType, uploadTypes } from './upload-types.ts';

const words = Object.keys(uploadTypes) as [UploadType, ...UploadType[]]; // the table's own keys

export const uploadBodySchema = z.looseObject(
  { file_type: z.enum(words, { error: `must be one of ${words.join(', ')}` }) },
  { error: 'must be a JSON object {"file_type": "png"}' },
);

export const uploadReplySchema = z
  .object({
    upload_url: z.string().meta({ description: 'PUT the bytes here within 15 minutes, without a key.' }),
    public_url: z.string().meta({ description: 'Where the picture can then be read. Use it in `payload.image`.' }),
  })
  .meta({ id: 'UploadReply' });

export type UploadReply = z.infer<typeof uploadReplySchema>;
