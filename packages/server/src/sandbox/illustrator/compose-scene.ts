import type { Pixels } from '@darkroom/protocol';
import { createDice, toSeed } from './dice.ts';
import { type Reading, readPrompt } from './language/read-prompt.ts';
import { createPalette } from './palette.ts';
import type { BackgroundKind, Scene, Subject } from './scene.ts';
import { arrange } from './subjects/arrange.ts';
import { type Member, toCast } from './subjects/cast.ts';
import { heights } from './subjects/piece.ts';

/** The picture of a prompt, as data. The same prompt and pixels give the same scene; no prompt is refused. */
export function composeScene(prompt: string, pixels: Pixels): Scene {
  return stageScene(readPrompt(prompt), toSeed(prompt), pixels);
}

/** Puts what was read on a stage; the seed decides whatever the reading leaves open. */
function stageScene(reading: Reading, seed: string, pixels: Pixels): Scene {
  const dice = createDice(seed);
  const cast = toCast(reading.nouns);
  const background = chooseBackground(reading, cast);
  const time = reading.time ?? (cast.some(({ name }) => isNightly.test(name)) ? 'night' : 'day');
  const weather = reading.weather ?? (background === 'snow' ? 'snow' : 'clear');
  const canvas = toCanvas(pixels);
  const horizon = canvas.height * horizons[background];
  const stage = { canvas, background, horizon, isPortrait: reading.isPortrait };
  const { subjects, table } = arrange(cast, stage, dice.fork('arrange'));
  const dressed = subjects.map((subject) => keepInside(dress(subject, reading, background), canvas));
  return {
    ...stage,
    seed,
    pixels,
    time,
    weather,
    season: reading.season ?? 'summer',
    styles: reading.styles,
    palette: createPalette(time, weather, dice.fork('palette')),
    ...(table !== undefined && { table }),
    subjects: dressed,
  };
}

/** What tells the time when the prompt does not. */
const isNightly = /moon|^star$|glowing-star|fireworks|^owl$|^bat$/;

/** Where the ground ends, as a part of the height. */
const horizons: Record<BackgroundKind, number> = {
  abstract: 0.74,
  beach: 0.5,
  city: 0.66,
  desert: 0.6,
  forest: 0.64,
  meadow: 0.6,
  moonscape: 0.68,
  mountains: 0.66,
  room: 0.74,
  sea: 0.52,
  sky: 1,
  snow: 0.62,
  space: 1,
  studio: 0.72,
  underwater: 0.84,
};

function chooseBackground(
  { background, time, weather, season, isPortrait, styles }: Reading,
  cast: readonly Member[],
): BackgroundKind {
  const [lead] = cast;
  if (background === 'sea' && lead?.traits.isCreature && lead.traits.place === 'ground') return 'beach';
  if (background !== undefined) return background;
  if (styles.includes('neon')) return 'city';
  if (isPortrait) return 'studio';
  if (lead?.traits.home !== undefined)
    return season === 'winter' && lead.traits.place === 'ground' ? 'snow' : lead.traits.home;
  if (season === 'winter' || weather === 'snow') return 'snow';
  if (lead?.traits.place === 'sky' || time !== undefined || weather !== undefined || season !== undefined)
    return 'meadow';
  return lead === undefined ? 'abstract' : 'studio';
}

/** The ratio of the pixels on the area of a square of 1024, so that a larger size shows the same picture. */
function toCanvas({ width, height }: Pixels): Scene['canvas'] {
  const scale = 1024 / Math.sqrt(width * height);
  return { width: width * scale, height: height * scale };
}

function dress(subject: Subject, { styles }: Reading, background: BackgroundKind): Subject {
  if (subject.pose === 'icon') return subject;
  if (styles.includes('neon')) return { ...subject, outfit: 'neon' };
  return background === 'room' && subject.pose === 'bust' ? { ...subject, outfit: 'apron' } : subject;
}

/** Nothing sticks out at the sides or the top; only what is cut at its foot may run out below. */
function keepInside(subject: Subject, canvas: Scene['canvas']): Subject {
  const size = Math.min(subject.size, canvas.width * 0.96, (canvas.height * 0.96) / heights[subject.pose]);
  const half = size / 2;
  const x = Math.min(canvas.width - half, Math.max(half, subject.x));
  const y = Math.min(canvas.height * 1.06, Math.max(size * heights[subject.pose], subject.y));
  return { ...subject, size, x, y };
}
