/** The frame of a picture, as it is written: not as it is seen, if an orientation follows from its metadata. */
export interface JpegFrame {
  readonly width: number;
  readonly height: number;
  /** 1: grey; 3: colours; 4: inks. */
  readonly components: number;
}

/** A component of the frame, such as the brightness. */
interface Component {
  readonly id: number;
  /** How many of its blocks lie beside and below each other in a unit of a scan that has other components too. */
  readonly across: number;
  readonly down: number;
  /** The number of its table. */
  readonly quantization: number;
}

/**
 * What the segments of a JPEG say about its data, as far as a decoder needs it to begin: the frame, and the tables of each scan.
 * `take` returns false when something is missing, contradictory or unusual. Progressive pictures are: the decoder refuses some of them
 * for their data.
 */
export class JpegTables {
  #frame: JpegFrame | undefined;
  #components: ReadonlyMap<number, Component> | undefined;
  readonly #quantizations = new Set<number>();
  /** By their class and number, as they are written. */
  readonly #codes = new Set<number>();
  /** The components that a scan has brought. */
  readonly #scanned = new Set<number>();

  get frame(): JpegFrame | undefined {
    return this.#frame;
  }

  /** Has every component of the frame come in a scan? */
  get isComplete(): boolean {
    return this.#components !== undefined && this.#scanned.size === this.#components.size;
  }

  /** Takes the content of a segment, without its length. */
  take(kind: number, content: Buffer): boolean {
    // Segments of applications, and comments.
    if (kind >= 0xe0) return kind <= 0xef || kind === 0xfe;
    switch (kind) {
      case 0xc0:
      case 0xc1:
        return this.#takeFrame(content);
      case 0xc4:
        return this.#takeCodes(content);
      case 0xda:
        return this.#takeScan(content);
      case 0xdb:
        return this.#takeQuantizations(content);
      case 0xdd:
        return content.length === 2;
      default:
        return false;
    }
  }

  #takeFrame(content: Buffer): boolean {
    const [bits, , , , , count = 0] = content;
    if (this.#components || bits !== 8 || ![1, 3, 4].includes(count) || content.length !== 6 + 3 * count) return false;
    this.#frame = { width: content.readUInt16BE(3), height: content.readUInt16BE(1), components: count };
    const components = Array.from({ length: count }, (_, index) => toComponent(content.subarray(6 + 3 * index)));
    this.#components = new Map(components.map((component) => [component.id, component]));
    const { width, height } = this.#frame;
    return width > 0 && height > 0 && this.#components.size === count && isSampling(components);
  }

  #takeQuantizations(content: Buffer): boolean {
    for (let at = 0; at < content.length; ) {
      const head = content[at] ?? 0;
      if (head >> 4 > 1 || (head & 15) > 3) return false;
      this.#quantizations.add(head & 15);
      at += 1 + (head >> 4 === 1 ? 128 : 64);
      if (at > content.length) return false;
    }
    return true;
  }

  #takeCodes(content: Buffer): boolean {
    for (let at = 0; at < content.length; ) {
      const head = content[at] ?? 0;
      const counts = content.subarray(at + 1, at + 17);
      const end = at + 17 + counts.reduce((sum, count) => sum + count, 0);
      const symbols = content.subarray(at + 17, end);
      at = end;
      if (head >> 4 > 1 || (head & 15) > 3 || at > content.length || !isCode(counts, symbols)) return false;
      // Those of the first coefficients are numbers of bits.
      if (head >> 4 === 0 && symbols.some((symbol) => symbol > 15)) return false;
      this.#codes.add(head);
    }
    return true;
  }

  #takeScan(content: Buffer): boolean {
    const [count = 0] = content;
    if (!this.#components || count < 1 || count > 4 || content.length !== 4 + 2 * count) return false;
    let blocks = 0;
    const ids = new Set<number>();
    for (let index = 0; index < count; index += 1) {
      const [id = 0, codes = 0] = content.subarray(1 + 2 * index);
      const component = this.#components.get(id);
      if (!component || !this.#quantizations.has(component.quantization) || !this.#hasCodes(codes)) return false;
      blocks += component.across * component.down;
      ids.add(id);
      this.#scanned.add(id);
    }
    return ids.size === count && (count === 1 || blocks <= maxBlocks);
  }

  /** For the first coefficient of a block, and for the others. */
  #hasCodes(codes: number): boolean {
    return this.#codes.has(codes >> 4) && this.#codes.has(0x10 | (codes & 15));
  }
}

/** In a unit of a scan. */
const maxBlocks = 10;

function toComponent([id = 0, sampling = 0, quantization = 0]: Buffer): Component {
  return { id, across: sampling >> 4, down: sampling & 15, quantization };
}

/** Does one pixel of each component cover a whole number of pixels? */
function isSampling(components: readonly Component[]): boolean {
  const isUsual = (counts: readonly number[]) => {
    const most = Math.max(...counts);
    return most <= 4 && counts.every((count) => count > 0 && most % count === 0);
  };
  return isUsual(components.map(({ across }) => across)) && isUsual(components.map(({ down }) => down));
}

/** Is there a code for each symbol? `counts` says how many have each length. */
function isCode(counts: Buffer, symbols: Buffer): boolean {
  if (counts.length < 16 || symbols.length > 256) return false;
  let code = 0;
  return counts.every((count, index) => {
    code = 2 * code + count;
    return code <= 2 ** (index + 1);
  });
}
