import type { BackgroundKind } from '../scene.ts';
import type { Backdrop, Easel } from './backdrop.ts';
import { drawCity } from './city.ts';
import { drawDesert } from './desert.ts';
import { drawForest } from './forest.ts';
import { drawMeadow } from './meadow.ts';
import { drawMountains } from './mountains.ts';
import { drawRoom } from './room.ts';
import { drawOpenSky } from './sky.ts';
import { drawSnow } from './snow.ts';
import { drawMoonscape, drawSpace } from './space.ts';
import { drawAbstract, drawStudio } from './studio.ts';
import { drawUnderwater } from './underwater.ts';
import { drawBeach, drawSea } from './water.ts';

const painters: Record<BackgroundKind, (easel: Easel) => Backdrop> = {
  abstract: drawAbstract,
  beach: drawBeach,
  city: drawCity,
  desert: drawDesert,
  forest: drawForest,
  meadow: drawMeadow,
  moonscape: drawMoonscape,
  mountains: drawMountains,
  room: drawRoom,
  sea: drawSea,
  sky: drawOpenSky,
  snow: drawSnow,
  space: drawSpace,
  studio: drawStudio,
  underwater: drawUnderwater,
};

export function drawBackdrop(easel: Easel): Backdrop {
  return painters[easel.scene.background](easel);
}
