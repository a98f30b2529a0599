import type { Payload } from '@darkroom/protocol';

/**
 * What a search by text reads: the prompt of a payload. When the payload has `contents`, they count instead, as they do when the
 * picture is made: the texts of the last turn, each on a separate line.
 */
export function toSearchedText(payload: string): string {
  const { prompt = '', contents } = JSON.parse(payload) as Partial<Payload>; // it was checked when it was submitted
  if (contents === undefined) return prompt;
  return (contents.at(-1)?.parts ?? []).flatMap(({ text }) => (text === undefined ? [] : [text])).join('\n');
}

/** Changes capital ASCII letters to small ones and leaves all others as they are: texts that are then equal match in a search. */
export function foldCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
