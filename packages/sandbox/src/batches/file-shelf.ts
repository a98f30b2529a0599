import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Refusal } from '../refusals.ts';

/** A file of the Files API. */
export interface ShelfFile {
  /** `files/ID`. */
  readonly name: string;
  readonly path: string;
  readonly displayName: string;
  readonly mimeType: string;
  readonly bytes: number;
}

export interface NewFile {
  readonly id: string | undefined;
  readonly displayName: string;
  readonly mimeType: string;
}

/** The files that callers have uploaded, and those that jobs have written, on the disk of the sandbox. */
export class FileShelf {
  readonly #folder: string;
  readonly #files = new Map<string, ShelfFile>();
  /** Uploads that have begun, by their id. */
  readonly #begun = new Map<string, NewFile>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Resolves to the id of the upload. */
  begin(file: NewFile): string {
    if (file.id !== undefined && (!idPattern.test(file.id) || this.#files.has(file.id)))
      throw Refusal.invalidArgument(`The file name files/${file.id} cannot be used.`);
    const uploadId = randomUUID();
    this.#begun.set(uploadId, file);
    return uploadId;
  }

  async receive(uploadId: string, body: AsyncIterable<Uint8Array>): Promise<ShelfFile> {
    const begun = this.#begun.get(uploadId);
    if (!begun) throw Refusal.invalidArgument('There is no such upload.');
    this.#begun.delete(uploadId);
    const { id = randomUUID(), ...rest } = begun;
    return this.add(id, rest, body);
  }

  async add(
    id: string,
    { displayName, mimeType }: Omit<NewFile, 'id'>,
    body: AsyncIterable<Uint8Array | string>,
  ): Promise<ShelfFile> {
    await mkdir(this.#folder, { recursive: true });
    const path = join(this.#folder, id);
    await pipeline(body, createWriteStream(path));
    const file = { name: `files/${id}`, path, displayName, mimeType, bytes: (await stat(path)).size };
    this.#files.set(id, file);
    return file;
  }

  /** Throws a `Refusal` when there is none. `name`: with or without `files/`. */
  get(name: string): ShelfFile {
    const file = this.#files.get(toId(name));
    if (file) return file;
    const message = `You do not have permission to access the File ${toId(name).slice(0, 60)} or it may not exist.`;
    throw Refusal.json(403, { word: 'PERMISSION_DENIED', message });
  }

  async remove(name: string): Promise<void> {
    const { path } = this.get(name);
    this.#files.delete(toId(name));
    await rm(path, { force: true });
  }
}

/** As Google documents the ids that callers may choose. */
const idPattern = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

function toId(name: string): string {
  return name.replace(/^files\//, '');
}

export function describeFile({ name, displayName, mimeType, bytes }: ShelfFile, baseUrl: string): object {
  const uri = `${baseUrl}/v1beta/${name}`;
  return { name, displayName, mimeType, sizeBytes: String(bytes), state: 'ACTIVE', uri, source: 'UPLOADED' };
}
