import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** One emoji: its name in the icon set, its category there, and the words people use for it (its own name first). */
export interface Emoji {
  readonly icon: string;
  readonly category: string;
  readonly keywords: readonly string[];
}

export interface Icons {
  readonly emojis: readonly Emoji[];
  /** The icon of a typed emoji, whatever its skin tone. */
  find(emoji: string): string | undefined;
  /** The content of the icon's `<svg>`, in a square of 32 units. */
  body(icon: string): string | undefined;
  /** The set's category for an icon, such as "Animals & Nature". */
  category(icon: string): string | undefined;
}

let loaded: Icons | undefined;

/** Reads the icon set on first use: about 9 MB of JSON that a server without a sandbox never needs. */
export function loadIcons(): Icons {
  loaded ??= readIcons();
  return loaded;
}

function readIcons(): Icons {
  const bodies = readBodies();
  // The casts below describe Iconify's icon sets and emojilib. package-lock.json fixes both.
  const iconsByCode = readJson('@iconify-json/fluent-emoji-flat/chars.json') as Record<string, string>;
  const { categories } = readJson('@iconify-json/fluent-emoji-flat/metadata.json') as {
    categories: Record<string, string[]>;
  };
  const categoryOf = new Map(Object.entries(categories).flatMap(([name, icons]) => icons.map((icon) => [icon, name])));
  const find = (emoji: string) => iconsByCode[toCode(emoji)];
  const keywords = readJson('emojilib') as Record<string, string[]>;
  const emojis = Object.entries(keywords).flatMap(([emoji, words]) => {
    const icon = find(emoji);
    return icon === undefined ? [] : [{ icon, category: categoryOf.get(icon) ?? '', keywords: words }];
  });
  return { emojis, find, body: (icon) => bodies.get(icon), category: (icon) => categoryOf.get(icon) };
}

/** Icons with skin tones are left out: they are two thirds of the set, and its neutral yellow represents all. */
function readBodies(): ReadonlyMap<string, string> {
  const { icons } = readJson('@iconify-json/fluent-emoji-flat/icons.json') as {
    icons: Record<string, { body: string }>;
  };
  const neutral = Object.entries(icons).filter(([name]) => {
    const toneless = name.replace(tone, '');
    return toneless === name || !Object.hasOwn(icons, `${toneless}-medium`);
  });
  return new Map(neutral.map(([name, { body }]) => [name, body]));
}

const tone = /(?:-medium)?-(?:light|medium|dark)$/;

/** The set names an emoji by its code points in hexadecimal, without variation selectors. We also drop skin tones. */
function toCode(emoji: string): string {
  const points = Array.from(emoji, (character) => character.codePointAt(0) ?? 0);
  const kept = points.filter((point) => point !== 0xfe0f && (point < 0x1f3fb || point > 0x1f3ff));
  return kept.map((point) => point.toString(16)).join('-');
}

function readJson(specifier: string): unknown {
  return JSON.parse(readFileSync(createRequire(import.meta.url).resolve(specifier), 'utf8'));
}
