import type { Colour } from './colour.ts';
import { createDice, type Dice, toSeed } from './dice.ts';
import { applyEdits } from './edits/apply-edits.ts';
import { wantsChange } from './edits/read-edit.ts';
import { type Noun, type Reading, readPrompt } from './language/read-prompt.ts';
import { createPalette } from './palette.ts';
import type { Pixels } from './picture-order.ts';
import { hangReferences } from './references/hang.ts';
import type { BackgroundKind, ReferenceLook, Scene, Subject } from './scene.ts';
import { type SettledReading, settleStage } from './settle-stage.ts';
import { type Arrangement, arrange } from './subjects/arrange.ts';
import { toCast, toMember } from './subjects/cast.ts';
import { join } from './subjects/join.ts';
import { heights } from './subjects/piece.ts';
import { recast } from './subjects/recast.ts';
import type { Stage } from './subjects/stage.ts';
import { firstTake, type Take } from './take.ts';

/** What a picture is composed from, besides its prompt. */
export interface Additions {
  readonly edits?: readonly string[];
  readonly references?: readonly ReferenceLook[];
  readonly take?: Take;
}

/**
 * The picture of a prompt and its later edits, as data. The same texts, take and pixels give the same scene. No text is
 * refused. An edit moves nothing that it does not name, because random choices depend only on the first prompt.
 */
export function composeScene(
  prompt: string,
  pixels: Pixels,
  { edits = [], references = [], take = firstTake }: Additions = {},
): Scene {
  const reading = readTexts(prompt, edits, references.length > 0);
  const seed = toSeed(take.scene === 1 ? prompt : `${prompt} (${take.scene})`);
  const shadeSeed = take.shade === 0 ? seed : `${seed} (${take.shade})`;
  return stageScene(reading, { seed, shadeSeed, pixels, references });
}

/** With an attached picture, a first text that only describes a change is about that picture. */
function readTexts(prompt: string, edits: readonly string[], hasReferences: boolean): SettledReading {
  const reading = readPrompt(prompt);
  const isAboutReference = hasReferences && (reading.nouns.length === 0 || wantsChange(prompt));
  return isAboutReference
    ? applyEdits(settleStage(nothing), [prompt, ...edits])
    : applyEdits(settleStage(reading), edits);
}

const nothing: Reading = { nouns: [], styles: [], isPortrait: false };

interface Canvassing {
  /** Decides everything that the reading leaves open. */
  readonly seed: string;
  /** Decides the background and the colours of things that have none. */
  readonly shadeSeed: string;
  readonly pixels: Pixels;
  readonly references: readonly ReferenceLook[];
}

function stageScene(reading: SettledReading, { seed, shadeSeed, pixels, references }: Canvassing): Scene {
  const dice = createDice(seed);
  const { background, time, weather, season, styles, isPortrait } = reading;
  const canvas = toCanvas(pixels);
  const stage = { canvas, background, horizon: canvas.height * horizons[background], isPortrait };
  const { subjects, table } = castScene(reading, stage, dice);
  const room = { ...stage, ...(table !== undefined && { table }) };
  const dressed = subjects.map((subject) => keepInside(dress(subject, reading), canvas));
  return {
    ...room,
    seed,
    shadeSeed,
    pixels,
    time,
    weather,
    season,
    styles,
    palette: createPalette(
      { ...reading, colours: toColours(reading, references) },
      createDice(shadeSeed).fork('palette'),
    ),
    subjects: dressed,
    references: hangReferences(references, { ...stage, subjects: dressed }, dice.fork('references')),
    ...(reading.wash !== undefined && { wash: reading.wash }),
  };
}

/** The picture takes the colours of its references, unless the texts name colours. */
function toColours({ nouns, wash, skyTint }: Reading, references: readonly ReferenceLook[]): readonly Colour[] {
  const isColourful = wash !== undefined || skyTint !== undefined || nouns.some(({ tint }) => tint !== undefined);
  return isColourful ? [] : references.flatMap(({ colours }) => colours.slice(0, Math.ceil(4 / references.length)));
}

/** Places all that the prompt names, then all that came later, and then applies the edits to them. */
function castScene({ nouns }: Reading, stage: Stage, dice: Dice): Arrangement {
  const placing = nouns.map(toPlacing);
  const cast = toCast(placing.filter(({ edited }) => !edited?.isAdded));
  const arranged = placing.reduce<Arrangement>(
    (all, noun, index) =>
      noun.edited?.isAdded && noun.edited.wearer === undefined
        ? join(all, toMember(noun, index), { stage, lead: cast[0], dice: dice.fork(`joined ${index}`) })
        : all,
    arrange(cast, stage, dice.fork('arrange')),
  );
  return { ...arranged, subjects: recast(arranged.subjects, nouns, { ...arranged, ...stage }) };
}

/** The noun as it was when it was placed. */
function toPlacing({ tint, ...noun }: Noun): Noun {
  const original = noun.edited?.insteadOf;
  const isSame = original === undefined || original.name === noun.name;
  return { ...noun, ...original, ...(isSame && tint !== undefined && { tint }) };
}

/** Where the ground ends, as a fraction of the height. */
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

/** The ratio of the pixels, with the area of a square of 1024, so that a larger size shows the same picture. */
function toCanvas({ width, height }: Pixels): Scene['canvas'] {
  const scale = 1024 / Math.sqrt(width * height);
  return { width: width * scale, height: height * scale };
}

function dress(subject: Subject, { styles, background }: Reading): Subject {
  if (subject.pose === 'icon') return subject;
  if (styles.includes('neon')) return { ...subject, outfit: 'neon' };
  return background === 'room' && subject.pose === 'bust' ? { ...subject, outfit: 'apron' } : subject;
}

/** Keeps everything inside the sides and the top. Only a subject that is cut off at its foot may extend below. */
function keepInside(subject: Subject, canvas: Scene['canvas']): Subject {
  const size = Math.min(subject.size, canvas.width * 0.96, (canvas.height * 0.96) / heights[subject.pose]);
  const half = size / 2;
  const x = Math.min(canvas.width - half, Math.max(half, subject.x));
  const y = Math.min(canvas.height * 1.06, Math.max(size * heights[subject.pose], subject.y));
  return { ...subject, size, x, y };
}
