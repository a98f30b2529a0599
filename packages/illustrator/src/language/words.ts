/** Splits a prompt into what can be looked up: plain lower-case words, and emojis unchanged. */
export function toWords(prompt: string): readonly string[] {
  const plain = prompt
    .slice(0, longestPrompt)
    .normalize('NFKD')
    .replace(/\p{Mn}/gv, keepEmojiMarks)
    .toLowerCase();
  return plain.match(/\p{RGI_Emoji}|\p{Emoji_Presentation}|[\p{L}]+(?:['’][\p{L}]+)?|\d+|[,.;:!?]/gv) ?? [];
}

const longestPrompt = 8000;

// Variation selectors are also marks, and emojis need them.
function keepEmojiMarks(mark: string): string {
  return mark === '\uFE0F' || mark === '\u20E3' ? mark : '';
}

/** The word and its possible singulars, the most likely first. */
export function toSingulars(word: string): readonly string[] {
  const irregular = irregularPlurals[word];
  if (irregular !== undefined) return [irregular, word];
  const singulars = [word];
  if (!word.endsWith('s') || word.endsWith('ss') || word.length < 4) return singulars;
  if (word.endsWith('ies')) singulars.push(`${word.slice(0, -3)}y`);
  if (word.endsWith('ves')) singulars.push(`${word.slice(0, -3)}f`, `${word.slice(0, -3)}fe`);
  if (/(?:s|x|z|ch|sh|o)es$/.test(word)) singulars.push(word.slice(0, -2));
  singulars.push(word.slice(0, -1));
  return singulars;
}

const irregularPlurals: Readonly<Record<string, string>> = {
  children: 'child',
  feet: 'foot',
  geese: 'goose',
  kids: 'kid',
  knives: 'knife',
  leaves: 'leaf',
  men: 'man',
  mice: 'mouse',
  oxen: 'ox',
  people: 'person',
  teeth: 'tooth',
  women: 'woman',
  wolves: 'wolf',
};
