import type { Payload } from '@darkroom/protocol';

/**
 * What a search by text looks at: the prompt of a payload. Where `contents` stand they count instead, as they do when the
 * picture is made: the texts of the last turn, each on a line of its own.
 */
export function toSearchedText(payload: string): string {
  const { prompt = '', contents } = JSON.parse(payload) as Partial<Payload>; // it was checked when it was submitted
  if (contents === undefined) return prompt;
  return (contents.at(-1)?.parts ?? []).flatMap(({ text }) => (text === undefined ? [] : [text])).join('\n');
}

/** Makes capital ASCII letters small and leaves all others as they are: what equals by it is the same for a search. */
export function foldCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
