import type { Reading } from './language/read-prompt.ts';
import type { BackgroundKind } from './scene.ts';
import { type Member, toCast } from './subjects/cast.ts';

/** A reading in which everything about the stage is decided. */
export type SettledReading = Reading & Required<Pick<Reading, 'background' | 'time' | 'weather' | 'season'>>;

/** Decides what the prompt leaves open, based on what it names. */
export function settleStage(reading: Reading): SettledReading {
  const cast = toCast(reading.nouns);
  const background = chooseBackground(reading, cast);
  return {
    ...reading,
    background,
    time: reading.time ?? (cast.some(({ name }) => isNightly.test(name)) ? 'night' : 'day'),
    weather: reading.weather ?? (background === 'snow' ? 'snow' : 'clear'),
    season: reading.season ?? 'summer',
  };
}

/** Things that imply the time of day when the prompt does not name it. */
const isNightly = /moon|^star$|glowing-star|fireworks|^owl$|^bat$/;

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
