import { buffer } from 'node:stream/consumers';
import type { ContentBlock } from '@modelcontextprotocol/server';
import type { StoredPicture } from '../../../core/stored-picture.ts';
import type { AnswerPorts } from '../mcp-ports.ts';

/** Some clients refuse results of more than a million characters. */
const maxBlocks = 4;
const maxBytes = 150_000;

/** Small previews that a language model can look at. A picture whose preview cannot be made has its link alone. */
export async function toThumbnailBlocks(
  pictures: readonly StoredPicture[],
  ports: Pick<AnswerPorts, 'thumbnails' | 'media' | 'logger'>,
): Promise<readonly ContentBlock[]> {
  const blocks = await Promise.all(
    pictures.slice(0, maxBlocks).map(({ name }) =>
      toBlock(name, ports).catch((err: unknown) => {
        ports.logger.warn({ event: 'thumbnail.missing', name, err });
        return undefined;
      }),
    ),
  );
  return blocks.filter((block) => block !== undefined);
}

async function toBlock(
  name: string,
  { thumbnails, media }: Pick<AnswerPorts, 'thumbnails' | 'media'>,
): Promise<ContentBlock | undefined> {
  const found = await thumbnails.find(name);
  if (found.kind !== 'there' || found.picture.bytes > maxBytes) return undefined;
  const opened = await media.open(found.name);
  if (!opened) return undefined;
  const data = (await buffer(opened.stream)).toString('base64');
  return { type: 'image', data, mimeType: found.picture.contentType };
}
