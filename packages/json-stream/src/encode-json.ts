import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { SpooledString } from './spooled-string.ts';

export interface EncodedJson {
  /** The exact length of the body. */
  readonly bytes: number;
  /** The body. Each call starts from the beginning. Rejects when a file differs from its description. */
  readonly chunks: () => AsyncGenerator<Uint8Array>;
}

/**
 * A multiple of three, so that the base64 of slabs can be joined. Small, so that sent slabs are young garbage and are soon
 * collected: slabs of four times the size cost 30 MB more at the peak of a body of 130 MB, and are no faster.
 */
const slabBytes = 48 * 1024;

/**
 * The JSON of a value. Its `SpooledString`s are read from their files while the body is sent. `base64` files are encoded on
 * the way. `spelled` files are sent unchanged, which is why the length is known. `text` files are not allowed. The stream
 * rejects when a `spelled` file holds something that is not allowed between quotes, or when the size of a file has changed.
 * Everything else is as `JSON.stringify` writes it.
 */
export function encodeJson(value: unknown): EncodedJson {
  const token = randomUUID();
  const files: SpooledString[] = [];
  const skeleton: string | undefined = JSON.stringify(value, (_key, item: unknown) =>
    item instanceof SpooledString ? `${token}-${files.push(item)}` : item,
  );
  if (files.some(({ encoding }) => encoding === 'text')) throw new TypeError('A text file is not spelled as JSON.');
  if (skeleton === undefined) throw new TypeError('This value has no JSON.');
  const texts = skeleton.split(new RegExp(`${token}-\\d+`)).map((text) => Buffer.from(text));
  const bytes = sum(texts.map((text) => text.length)) + sum(files.map(toEncodedBytes));
  return { bytes, chunks: () => joinChunks(texts, files) };
}

async function* joinChunks(texts: readonly Buffer[], files: readonly SpooledString[]): AsyncGenerator<Uint8Array> {
  for (const [index, text] of texts.entries()) {
    yield text;
    const spooled = files[index];
    if (spooled) yield* encodeFile(spooled);
  }
}

async function* encodeFile({ file, encoding }: SpooledString): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  const spelling = new Spelling();
  // Base64 is a copy, so its slab can be reused. The slab of a text is sent itself, and the socket may hold it for a while.
  const reused = encoding === 'base64' ? Buffer.allocUnsafe(slabBytes) : undefined;
  for await (const slab of readSlabs(file.path, () => reused ?? Buffer.allocUnsafe(slabBytes))) {
    bytes += slab.length;
    if (bytes > file.bytes) break;
    yield encoding === 'base64' ? Buffer.from(slab.toString('base64'), 'latin1') : spelling.check(slab);
  }
  spelling.end();
  if (bytes !== file.bytes) throw new Error(`A spool file of ${file.bytes} bytes changed its size before it was sent.`);
}

/** Reads slabs of equal size, the last one shorter, each into a buffer from `allocate`. */
async function* readSlabs(path: string, allocate: () => Buffer): AsyncGenerator<Buffer> {
  await using handle = await open(path, 'r');
  while (true) {
    const slab = allocate();
    let length = 0;
    let bytesRead: number;
    do {
      ({ bytesRead } = await handle.read(slab, length));
      length += bytesRead;
    } while (bytesRead > 0 && length < slabBytes);
    if (length > 0) yield slab.subarray(0, length);
    if (length < slabBytes) return;
  }
}

/** Protects the JSON around a spelled file, even if the file was changed. */
class Spelling {
  #isEscaped = false;

  check(slab: Buffer): Buffer {
    for (const byte of slab) {
      if (byte < 0x20 || (byte === 0x22 && !this.#isEscaped)) throw new Error(misspelled);
      this.#isEscaped = byte === 0x5c && !this.#isEscaped;
    }
    return slab;
  }

  end(): void {
    if (this.#isEscaped) throw new Error(misspelled);
  }
}

const misspelled =
  'A spelled file of the spool holds something that is not allowed between the quotes of a JSON string.';

function toEncodedBytes({ file, encoding }: SpooledString): number {
  return encoding === 'base64' ? Math.ceil(file.bytes / 3) * 4 : file.bytes;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
