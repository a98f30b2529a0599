import { closeSync, fdatasync, fdatasyncSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { OutcomeUnknownError } from '../../store-errors.ts';

/** Sizes and places in the log: https://www.sqlite.org/fileformat2.html#the_write_ahead_log */
const headerBytes = 32;
const frameHeaderBytes = 24;
const saltBytes = 8;

/** How many bytes are written again at once. */
const pieceBytes = 1 << 20;

/**
 * SQLite's log (the file `-wal`), through a descriptor that belongs to us. SQLite appends commits to it without a flush; `flush` makes
 * them durable while the event loop goes on. A flush is of a file, whatever the descriptor: `fdatasync` on Linux, `F_FULLFSYNC` on
 * macOS, `FlushFileBuffers` on Windows, all by libuv. SQLite has no locks on this file that closing the descriptor could drop.
 */
export class WalFile {
  readonly #descriptor: number;
  #isSound = true;

  /** The descriptor is open before the first write, so that it learns of each write that fails later. */
  constructor(database: string) {
    this.#descriptor = openSync(`${database}-wal`, 'r+');
  }

  /** Did the last flush succeed? */
  get isSound(): boolean {
    return this.#isSound;
  }

  async flush(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    fdatasync(this.#descriptor, (error) => (error ? reject(error) : resolve()));
    try {
      await promise;
    } catch (error) {
      this.#isSound = false;
      throw new OutcomeUnknownError(failedFlush, { cause: error });
    }
  }

  /**
   * After a flush has failed, the system may take what it could not write for written: the next flush would succeed without it, and
   * a power failure would lose it and all commits behind it. So the log is written again, as it is, and flushed. Call it while no
   * other connection can write. It stops the event loop, which does not matter on a disk that fails.
   */
  repair(): void {
    if (this.#isSound) return;
    const piece = Buffer.allocUnsafe(pieceBytes);
    const end = fstatSync(this.#descriptor).size;
    for (let at = 0; at < end; at += pieceBytes) {
      const bytes = readSync(this.#descriptor, piece, 0, Math.min(pieceBytes, end - at), at);
      writeSync(this.#descriptor, piece, 0, bytes, at);
    }
    fdatasyncSync(this.#descriptor);
    this.#isSound = true;
  }

  /**
   * Does the log hold more than this? The file does not tell by its size, since it stays as long as it ever was and is written from
   * its beginning again. Frames since that beginning have the salt of the header.
   */
  isLongerThan(bytes: number): boolean {
    const header = Buffer.allocUnsafe(headerBytes);
    if (readSync(this.#descriptor, header, 0, headerBytes, 0) < headerBytes) return false;
    const frameBytes = frameHeaderBytes + header.readUInt32BE(8);
    const frame = Buffer.allocUnsafe(frameHeaderBytes);
    const at = headerBytes + Math.floor(bytes / frameBytes) * frameBytes;
    if (readSync(this.#descriptor, frame, 0, frameHeaderBytes, at) < frameHeaderBytes) return false;
    return header.compare(frame, 8, 8 + saltBytes, 16, 16 + saltBytes) === 0;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

const failedFlush =
  'The database cannot be read or written at the moment. This call may have been carried out or not; requests that the service ' +
  'has accepted are safe.';
