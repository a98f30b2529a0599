// The same as CommonJS, which can use the packages that Node 20 may require.
import { Darkroom } from '@darkroom/client';
import { toImageModel } from '@darkroom/client/ai';
import { uploadFile } from '@darkroom/client/node';
import { type RequestRecord, requestRecordSchema } from '@darkroom/protocol';

const darkroom = new Darkroom({ baseUrl: 'http://127.0.0.1:4600', apiKey: '' });
export const model: string = toImageModel(darkroom).modelId;
export const url: Promise<string> = uploadFile(darkroom, 'a.png');
export const parse = (value: unknown): RequestRecord => requestRecordSchema.parse(value);
