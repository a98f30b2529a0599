/** Characters. */
export const pieceSize = 64 * 1024;

/** A long text in pieces, none of which ends within a character: who sends them never holds the whole as bytes. */
export function* cutText(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const end = at + pieceSize;
    const piece = text.slice(at, isHighSurrogate(text.charCodeAt(end - 1)) ? end - 1 : end);
    yield piece;
    at += piece.length;
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
