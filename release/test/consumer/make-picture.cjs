// The same in CommonJS.
const { writeFile } = require('node:fs/promises');
const { Darkroom, DarkroomError, verifyWebhook } = require('@darkroom/client');
const { toImageModel } = require('@darkroom/client/ai');
const { uploadFile } = require('@darkroom/client/node');
const { requestRecordSchema } = require('@darkroom/protocol');
const { openapi } = require('@darkroom/protocol/openapi.json');

async function main([baseUrl, apiKey, folder]) {
  const darkroom = new Darkroom({ baseUrl, apiKey });
  const record = await darkroom.generate({ prompt: 'A fox in the snow', image_size: '1K' });
  const [picture] = record.outcome.media_urls;
  const bytes = new Uint8Array(await (await darkroom.download(picture.url)).arrayBuffer());
  const file = `${folder}/${process.version}-cjs.png`;
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
      openapi: openapi.slice(0, 2),
    }),
  );
}

void main(process.argv.slice(2));
