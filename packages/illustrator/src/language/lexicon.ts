import { type Emoji, loadIcons } from '../icons.ts';
import { phrasesByIcon } from './phrases.ts';
import { stopWords } from './stop-words.ts';

/** The icon for what a phrase names. */
export type Lexicon = ReadonlyMap<string, Entry>;

interface Entry {
  readonly icon: string;
  /** How certain the match is: keywords up to 1, then the names of emojis, then our own phrases. */
  readonly trust: number;
}

let lexicon: Lexicon | undefined;

export const longestPhrase = 5;

export function loadLexicon(): Lexicon {
  lexicon ??= createLexicon(loadIcons().emojis);
  return lexicon;
}

function createLexicon(emojis: readonly Emoji[]): Lexicon {
  const drawable = emojis.filter(isDrawable);
  const best = new Map<string, Entry>();
  const offer = (phrase: string, entry: Entry) => {
    if (phrase.length > 1 && entry.trust > (best.get(phrase)?.trust ?? 0)) best.set(phrase, entry);
  };
  for (const [phrase, icons] of toKeywordOwners(drawable)) {
    const [icon] = icons;
    if (icon !== undefined && icons.length <= mostOwners) offer(phrase, { icon, trust: 1 / icons.length });
  }
  for (const { icon, keywords } of drawable) {
    offer(toPhrase(keywords[0] ?? icon), { icon, trust: 2 });
    offer(toPhrase(icon), { icon, trust: 3 });
  }
  for (const word of stopWords) best.delete(word);
  for (const [icon, phrases] of Object.entries(phrasesByIcon)) {
    for (const phrase of phrases.split(', ')) offer(phrase, { icon, trust: 4 });
  }
  return best;
}

/** A keyword that more emojis than this share says little about each. */
const mostOwners = 3;

const drawableCategories = new Set(['Activities', 'Animals & Nature', 'Food & Drink', 'Objects', 'Travel & Places']);
const drawnByName = new Set([
  'robot',
  'ghost',
  'alien',
  'skull',
  'clown-face',
  'ogre',
  'goblin',
  'alien-monster',
  'bomb',
]);

/** Left out: pictures of whole scenes in a frame, clock faces, signs, and gestures. */
const undrawable =
  /oclock$|thirty$|^(?:bridge-at-night|camping|cityscape.*|desert|desert-island|beach-with-umbrella|fog|foggy|milky-way|motorway|national-park|night-with-stars|railway-track|shooting-star|sunrise.*|sunset|water-wave|mountain-railway|mountain|mount-fuji|snow-capped-mountain|white-flower|new-moon.*|metro|wind-face|map-of-japan|bus-stop|hot-springs|globe-with-meridians|brick|wood)$/;
const people =
  /person|man$|^wo?man|^(?:boy|girl|child|baby|artist|astronaut|cook|ninja|guard|singer|student|teacher|judge|pilot|prince|princess|farmer|firefighter|mechanic|detective|scientist|technologist|police-officer|construction-worker|factory-worker|health-worker|office-worker|santa-claus|mrs-claus|troll|snowboarder|skier|brain|bone|footprints)/;

function isDrawable({ icon, category }: Emoji): boolean {
  if (undrawable.test(icon)) return false;
  if (category === 'People & Body')
    return (
      people.test(icon) &&
      !/gesturing|facepalming|shrugging|pouting|frowning|white-cane|pregnant|bowing|tipping|massage|haircut/.test(icon)
    );
  return drawableCategories.has(category) || drawnByName.has(icon);
}

function toKeywordOwners(emojis: readonly Emoji[]): Map<string, string[]> {
  const owners = new Map<string, string[]>();
  for (const { icon, category, keywords } of emojis) {
    // People have hundreds of moods and actions as keywords, so only the emoji's own name counts. Actions match no things.
    if (category === 'People & Body') continue;
    for (const keyword of keywords.slice(1).map(toPhrase)) {
      if (keyword.endsWith('ing')) continue;
      owners.set(keyword, [...(owners.get(keyword) ?? []), icon]);
    }
  }
  return owners;
}

function toPhrase(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^\p{L}\d]+/gu, ' ')
    .trim();
}
