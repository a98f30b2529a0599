import { parsePictureName } from '../../../media/picture-name.ts';
import type { WirePorts } from '../../wire.ts';

/** Files are the uploads of the media store: `files/` and the name of the picture. */
export function toFileName(name: string): string {
  return `files/${name}`;
}

/** The address of the picture that a `fileUri` means: a file of this service by its name or address, or any other address. */
export function toFileAddress(uri: string, { media, publicUrl }: Pick<WirePorts, 'media' | 'publicUrl'>): string {
  const [, name = ''] = /^(?:https?:\/\/[^?#]*\/)?files\/([^/?#]+)$/.exec(uri) ?? [];
  return parsePictureName(name) ? media.toAddress(name, publicUrl()).url : uri;
}
