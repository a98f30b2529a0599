/** The box with which a manifest of C2PA begins. */
const box = Buffer.concat([
  Buffer.from([0, 0, 0, 40]),
  Buffer.from('jumb'),
  Buffer.from([0, 0, 0, 32]),
  Buffer.from('jumdc2pa'),
  Buffer.from('0011001080000000aa00389b71', 'hex'),
  Buffer.from('\x03c2pa\0'),
]);

/** A JPEG with content credentials as Google's pictures have them. */
export function withJpegCredentials(jpeg: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from('JP\0\x01\0\0\0\x01'), box]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(content.length + 2);
  // After the first segment, which is JFIF or EXIF.
  const end = 4 + jpeg.readUInt16BE(4);
  return Buffer.concat([jpeg.subarray(0, end), Buffer.from([0xff, 0xeb]), length, content, jpeg.subarray(end)]);
}

export function withPngCredentials(png: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(box.length);
  const end = 8 + 25;
  const chunk = Buffer.concat([length, Buffer.from('caBX'), box, Buffer.alloc(4)]);
  return Buffer.concat([png.subarray(0, end), chunk, png.subarray(end)]);
}
