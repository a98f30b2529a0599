import { expect, it } from 'vitest';
import { loadIcons } from '../icons.ts';
import { findDrawing } from '../subjects/drawings.ts';
import { loadLexicon } from './lexicon.ts';
import { phrasesByIcon } from './phrases.ts';
import { readPrompt } from './read-prompt.ts';

it('has a drawing for everything it can name', () => {
  const icons = new Set(Array.from(loadLexicon().values(), ({ icon }) => icon));
  const missing = Array.from(icons).filter((icon) => (findDrawing(icon) ?? loadIcons().body(icon)) === undefined);
  expect(missing).toEqual([]);
});

it('assigns each of its own phrases to only one icon', () => {
  const phrases = Object.values(phrasesByIcon).flatMap((list) => list.split(', '));
  expect(phrases.filter((phrase, index) => phrases.indexOf(phrase) !== index)).toEqual([]);
});

it.each([
  ['hot air balloons', 'hot-air-balloon'],
  ['wolves', 'wolf'],
  ['mice', 'mouse'],
  ['cherries', 'cherries'],
  ['foxes', 'fox'],
  ['a golden retriever', 'dog'],
  ['bowls of noodles', 'steaming-bowl'],
  ['a samurai cat', 'cat'],
])('finds "%s"', (prompt, name) => {
  expect(readPrompt(prompt).nouns.map((noun) => noun.name)).toEqual([name]);
});
