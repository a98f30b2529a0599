import { randomBytes } from 'node:crypto';
import type { UploadReply } from '@darkroom/protocol';
import { type Attack, repeat, shoot } from '../target.ts';

/** Uploads pictures of 6.9 MB as fast as possible, and twelve different ones at the same address. */
export const attackWithUploads: Attack = async (target, answers) => {
  const pictures = [0, 1].map(() =>
    Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), randomBytes(6_900_000)]),
  );
  await repeat(target, 4, async (turn) => {
    const text = await shoot(target, answers, { method: 'POST', path: '/upload-url', body: '{"file_type":"png"}' });
    const { upload_url } = parse(text);
    if (upload_url === undefined) return;
    const times = turn % 10 === 0 ? 12 : 1;
    const puts = Array.from({ length: times }, (_, index) =>
      shoot(target, answers, {
        method: 'PUT',
        path: upload_url,
        body: pictures[index % 2] ?? '',
        headers: { 'content-type': 'image/png' },
      }),
    );
    await Promise.all(puts);
  });
};

function parse(text: string): Partial<UploadReply> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
