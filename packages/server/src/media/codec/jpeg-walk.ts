import { type JpegFrame, JpegTables } from './jpeg-tables.ts';

/**
 * Follows the structure of a JPEG from its first byte to the mark of its end, while its bytes arrive in pieces of any size. No pixel is
 * decoded: the data of a scan is only searched for the mark that ends it.
 *
 * The decoder refuses a JPEG that ends before that mark, and one whose tables it cannot use. Data between the marks that make no sense
 * are no error for it. So it refuses no JPEG that is whole by this walk. A JPEG of a kind that `JpegTables` does not know counts as not
 * whole: the decoder has to look. Source: ITU-T T.81, Annex B.
 */
export class JpegWalk {
  readonly #tables = new JpegTables();
  #place: 'mark' | 'segment' | 'data' | 'end' | 'lost' = 'mark';
  /** In the mark: 0xff was read. In the data: it may begin a mark. */
  #isMark = false;
  #hasBegun = false;
  #kind = 0;
  /** The segment's bytes so far, with its length, which are the first two. */
  #segment = Buffer.alloc(0);
  #filled = 0;
  #segments = 0;
  #isKnown = true;
  #isPlain = true;
  #hasData = false;
  #hasManifest = false;

  /** Has everything up to the mark of the end come? */
  get isWhole(): boolean {
    return this.#place === 'end' && this.#isKnown && this.#tables.isComplete;
  }

  /**
   * The frame, once the first scan has begun, if nothing in the segments changes how it is seen: no profile of colours and no
   * metadata of a camera. A decoder can read such a head.
   */
  get plainFrame(): JpegFrame | undefined {
    return this.#hasData && this.#isKnown && this.#isPlain ? this.#tables.frame : undefined;
  }

  /** Do the segments hold content credentials? The first `maxSegments` segments count. */
  get hasManifest(): boolean {
    return this.#hasManifest;
  }

  take(piece: Buffer): void {
    let at = 0;
    while (at < piece.length && this.#place !== 'end' && this.#place !== 'lost') at = this.#step(piece, at);
  }

  #step(piece: Buffer, at: number): number {
    if (this.#place === 'segment') return this.#fillSegment(piece, at);
    if (this.#isMark) return this.#takeKind(piece, at);
    if (this.#place === 'data') return this.#findMark(piece, at);
    if (piece[at] === 0xff) this.#isMark = true;
    else this.#place = 'lost';
    return at + 1;
  }

  #findMark(piece: Buffer, from: number): number {
    const at = piece.indexOf(0xff, from);
    if (at === -1) return piece.length;
    // Nearly all of them are bytes of the data, which a zero follows.
    if (piece[at + 1] === 0) return at + 2;
    this.#isMark = true;
    return at + 1;
  }

  #takeKind(piece: Buffer, at: number): number {
    const kind = piece[at] ?? 0;
    // Bytes that fill up.
    if (kind === 0xff) return at + 1;
    this.#isMark = false;
    if (this.#place === 'data' && (kind === 0 || isRestart(kind))) return at + 1;
    this.#begin(kind);
    return at + 1;
  }

  #begin(kind: number): void {
    if (!this.#hasBegun) {
      this.#hasBegun = kind === startOfImage;
      if (!this.#hasBegun) this.#place = 'lost';
    } else if (kind === endOfImage) {
      this.#place = 'end';
    } else if (hasSegment(kind) && this.#segments < maxSegments) {
      this.#place = 'segment';
      this.#segments += 1;
      this.#kind = kind;
      this.#segment = Buffer.alloc(2);
      this.#filled = 0;
    } else {
      this.#place = 'lost';
    }
  }

  #fillSegment(piece: Buffer, from: number): number {
    const taken = piece.copy(this.#segment, this.#filled, from);
    this.#filled += taken;
    if (this.#filled < this.#segment.length) return from + taken;
    if (this.#filled > 2) this.#endSegment(this.#segment.subarray(2));
    else this.#beginSegment(this.#segment.readUInt16BE(0));
    return from + taken;
  }

  #beginSegment(length: number): void {
    if (length < 2) this.#place = 'lost';
    else if (length === 2) this.#endSegment(Buffer.alloc(0));
    else this.#segment = Buffer.concat([this.#segment], length);
  }

  #endSegment(content: Buffer): void {
    if (this.#kind === jumbfSegment) this.#hasManifest ||= isManifest(content);
    if (content.subarray(0, 11).equals(profileMark) || content.subarray(0, 4).equals(cameraMark)) this.#isPlain = false;
    this.#isKnown &&= this.#tables.take(this.#kind, content);
    this.#hasData ||= this.#kind === startOfScan;
    this.#place = this.#kind === startOfScan ? 'data' : 'mark';
  }
}

/** Each takes a moment, and a file may consist of nothing else. */
const maxSegments = 5_000;

const startOfImage = 0xd8;
const endOfImage = 0xd9;
const startOfScan = 0xda;
const jumbfSegment = 0xeb;

const profileMark = Buffer.from('ICC_PROFILE');
const cameraMark = Buffer.from('Exif');

function isRestart(kind: number): boolean {
  return kind >= 0xd0 && kind <= 0xd7;
}

/** From the frame to the last comment, without the marks that stand alone. */
function hasSegment(kind: number): boolean {
  return kind >= 0xc0 && kind !== startOfImage && !isRestart(kind);
}

/** A box of JUMBF whose id begins with `c2pa`. */
function isManifest(content: Buffer): boolean {
  const text = content.toString('latin1', 0, 28);
  return text.startsWith('JP') && text.slice(12, 16) === 'jumb' && text.slice(24) === 'c2pa';
}
