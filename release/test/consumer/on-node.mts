// What strict TypeScript makes of all packages in a project for Node, as an ES module.
import { Darkroom } from '@darkroom/client';
import { toImageModel } from '@darkroom/client/ai';
import { uploadFile } from '@darkroom/client/node';
import { createPayloadSchema, type RequestRecord, requestRecordSchema } from '@darkroom/protocol';
import { uploadTypes } from '@darkroom/protocol/upload-types';
import { createSandboxServer, type SandboxServer } from '@darkroom/sandbox';

const darkroom = new Darkroom({ baseUrl: 'http://127.0.0.1:4600', apiKey: '' });
export const model: string = toImageModel(darkroom).modelId;
export const url: Promise<string> = uploadFile(darkroom, 'a.png');
export const record: RequestRecord = requestRecordSchema.parse(await darkroom.generate({ prompt: 'A kite' }));
export const sandbox: SandboxServer = createSandboxServer({ host: '127.0.0.1', port: 0, spoolFolder: '.' });
export const names: readonly string[] = [...Object.keys(uploadTypes), createPayloadSchema.name];
