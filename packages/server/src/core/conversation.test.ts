import { describe, expect, it } from 'vitest';
import { parseMediaName, toMediaUri, toNextTurnContents } from './conversation.ts';

const name = `${'Zk3-_'.padEnd(32, 'Q')}.png`;
const upload = `upload-${name}`;

describe('parseMediaName', () => {
  it.each([
    [`media:${name}`, name],
    [`https://darkroom.example/media/${name}`, name],
    [`http://10.0.0.1:4600/media/${upload}`, upload],
    [`gs://bucket/pictures/Zk/${name}`, name],
    [`gs://bucket/a/prefix/pictures/Zk/${name}`, name],
    [`https://cdn.example/pictures/Zk/${name}`, name],
    [`https://storage.googleapis.com/bucket/uploads/Zk/${upload}`, upload],
    [`https://bucket.s3.amazonaws.com/pictures/Zk/${name}?X-Amz-Signature=ab&X-Amz-Date=1`, name],
    [`https://darkroom.example/media/${name}?v=1`, name],
    [`https://darkroom.example/media/${name}#part`, name],
    [` HTTPS://Darkroom.EXAMPLE/media/${name}`, name],
    [`https://example.com/darkroom/media/${name}`, name],
  ])('finds our picture in %s', (uri, found) => {
    expect(parseMediaName(uri)).toBe(found);
  });

  it.each([
    `https://darkroom.example/?to=/media/${name}`,
    `https://darkroom.example/media/${name}/thumbnail`,
    `https://darkroom.example/${name}`,
    `gs://bucket/${name}`,
    `gs://bucket/originals/Zk/${name}`,
    `gs://bucket/signatures/Zk/${name}`,
    `https://cdn.example/?to=/pictures/Zk/${name}`,
    `https://cdn.example/pictures/Zk/${name}/more`,
    `https://cdn.example/pictures/Zk/other-${name}`,
  ])('finds none in %s', (uri) => {
    expect(parseMediaName(uri)).toBeUndefined();
  });
});

describe('toNextTurnContents', () => {
  const conversation = [
    { role: 'model', parts: [{ kind: 'picture', uri: toMediaUri(name), mimeType: 'image/png' }] },
  ] as const;

  it('returns the exact URL of the picture', () => {
    const [turn] = toNextTurnContents(conversation, {
      toAddress: () => ({ url: 'https://a.example/x.png' }),
      isResult: () => true,
    });
    expect(turn?.parts).toEqual([{ fileData: { mimeType: 'image/png', fileUri: 'https://a.example/x.png' } }]);
  });

  it('returns the gs:// URI of a picture in a bucket of Google Cloud, and its URL with it', () => {
    const address = { url: 'https://a.example/x.png', gsUri: 'gs://bucket/x.png' };
    const [turn] = toNextTurnContents(conversation, { toAddress: () => address, isResult: () => true });
    expect(turn?.parts).toEqual([
      { fileData: { mimeType: 'image/png', fileUri: 'gs://bucket/x.png', url: 'https://a.example/x.png' } },
    ]);
  });
});
