/** In characters. */
export const pieceSize = 64 * 1024;

/** Splits a long text into pieces that never end within a character. So a sender never holds the whole text as bytes. */
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
