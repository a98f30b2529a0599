import type { Setting } from '../language/settings.ts';
import type { BackgroundKind, Style } from '../scene.ts';
import { type SettledReading, settleStage } from '../settle-stage.ts';

/** The same cast on another stage or in another light. */
export function restage(
  reading: SettledReading,
  { style, isPortrait, background, ...wished }: Setting,
): SettledReading {
  const setting = withItsWeather(reading, wished);
  const lit = { ...reading, ...setting, background: toBackground(reading.background, setting.season) };
  const styled = style === undefined ? lit : { ...lit, styles: addStyle(reading.styles, style) };
  const posed = isPortrait ? { ...styled, isPortrait } : styled;
  return background === undefined || background === reading.background ? posed : move(posed, background);
}

/** All subjects get new places on the new stage, according to what they are now. */
function move(reading: SettledReading, background: BackgroundKind): SettledReading {
  const nouns = reading.nouns.map((noun) => {
    const { insteadOf: _old, ...edited } = noun.edited ?? {};
    return noun.edited?.insteadOf === undefined ? noun : { ...noun, edited };
  });
  const visible = nouns.filter(({ edited }) => !edited?.isRemoved);
  const { background: settled } = settleStage({ ...reading, background, nouns: visible });
  const weather =
    reading.weather === 'snow' && background !== 'snow' && reading.background === 'snow' ? 'clear' : reading.weather;
  return { ...reading, nouns, background: settled, weather: background === 'snow' ? 'snow' : weather };
}

/** Without snow, winter would look like summer. */
function withItsWeather({ weather, background }: SettledReading, setting: Setting): Setting {
  if (setting.weather !== undefined || setting.season === undefined) return setting;
  if (setting.season === 'winter') return { ...setting, weather: 'snow' };
  return weather === 'snow' || background === 'snow' ? { ...setting, weather: 'clear' } : setting;
}

function toBackground(background: BackgroundKind, season: Setting['season']): BackgroundKind {
  return background === 'snow' && season !== undefined && season !== 'winter' ? 'meadow' : background;
}

/** One medium at a time: a watercolour that becomes pixel art is no longer a watercolour. */
function addStyle(styles: readonly Style[], style: Style): readonly Style[] {
  const kept = styles.filter((other) => other !== style && !(isMedium(other) && isMedium(style)));
  return [...kept, style];
}

function isMedium(style: Style): boolean {
  return style !== 'neon' && style !== 'minimalist';
}

/** Removes weather and styles. A background stays until another one is named. */
export function clearSetting(reading: SettledReading, { weather, season, style, time }: Setting): SettledReading {
  const styles = style === undefined ? reading.styles : reading.styles.filter((other) => other !== style);
  const isSnow = season === 'winter' || weather === 'snow';
  const dry = { ...reading, styles, weather: 'clear' as const };
  const cleared = weather === reading.weather || (isSnow && reading.weather === 'snow') ? dry : { ...reading, styles };
  const thawed = isSnow
    ? { ...cleared, season: 'summer' as const, background: toBackground(reading.background, 'summer') }
    : cleared;
  return time !== undefined && time === reading.time ? { ...thawed, time: 'day' } : thawed;
}
