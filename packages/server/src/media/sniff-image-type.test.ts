import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { sniffImageType } from './sniff-image-type.ts';

const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: 'teal' } });

describe('sniffImageType', () => {
  it.each([
    ['png', 'image/png'],
    ['jpeg', 'image/jpeg'],
    ['webp', 'image/webp'],
    ['gif', 'image/gif'],
    ['tiff', 'image/tiff'],
    ['avif', 'image/avif'],
  ] as const)('knows a real %s as %s', async (format, type) => {
    expect(sniffImageType(await picture.clone().toFormat(format).toBuffer())).toBe(type);
  });

  it.each([
    ['heic', ['mif1', 'heic'], 'image/heic'],
    ['hevc', ['msf1', 'hevc'], 'image/heic'],
    ['mif1', ['mif1', 'heic'], 'image/heic'],
    ['mif1', ['mif1', 'miaf'], 'image/heif'],
    ['mif1', ['avif', 'mif1'], 'image/avif'],
    ['mif1', [...Array<string>(40).fill('miaf'), 'heic'], 'image/heic'],
    ['isom', ['mp42'], undefined],
  ])('tells the brands %s %j as %s', (major, compatible, type) => {
    expect(sniffImageType(makeFileType(major, compatible))).toBe(type);
  });

  it('ignores brands after the end of the box', () => {
    expect(sniffImageType(Buffer.concat([makeFileType('isom', ['mp42']), Buffer.from('heic')]))).toBeUndefined();
  });

  it.each([
    ['', undefined],
    ['\x89PNG', undefined],
    ['BM, they wrote, is a file', undefined],
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', undefined],
    ['<!doctype html>', undefined],
    ['RIFF\0\0\0\0WAVE', undefined],
    ['%PDF-1.7', undefined],
    ['\0\0\0\x18ftyp', undefined],
  ])('takes %j for no picture', (text, type) => {
    expect(sniffImageType(Buffer.from(text, 'latin1'))).toBe(type);
  });
});

function makeFileType(major: string, compatible: readonly string[]): Buffer {
  const body = Buffer.from(`ftyp${major}\0\0\0\0${compatible.join('')}`, 'latin1');
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length + 4);
  return Buffer.concat([size, body]);
}
