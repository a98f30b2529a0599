// An ES module of somebody else's project. Prints what it did as JSON.
import { writeFile } from 'node:fs/promises';
import { Darkroom, DarkroomError, verifyWebhook } from '@darkroom/client';
import { toImageModel } from '@darkroom/client/ai';
import { uploadFile } from '@darkroom/client/node';
import { requestRecordSchema } from '@darkroom/protocol';
import document from '@darkroom/protocol/openapi.json' with { type: 'json' };

const [baseUrl, apiKey, folder] = process.argv.slice(2);
const darkroom = new Darkroom({ baseUrl, apiKey });
const record = await darkroom.generate({ prompt: 'A fox in the snow', image_size: '1K' });
const [picture] = record.outcome.media_urls;
const bytes = new Uint8Array(await (await darkroom.download(picture.url)).arrayBuffer());
const file = `${folder}/${process.version}-esm.png`;
await writeFile(file, bytes);
const uploaded = await uploadFile(darkroom, file);
const refused = await new Darkroom({ baseUrl, apiKey: 'wrong' }).models().catch((error) => error);
console.log(
  JSON.stringify({
    bytes: bytes.length,
    uploaded,
    refusal: refused instanceof DarkroomError && refused.code,
    isRecord: requestRecordSchema.safeParse(record).success,
    model: toImageModel(darkroom).provider,
    verify: typeof verifyWebhook,
    openapi: document.openapi.slice(0, 2),
  }),
);
