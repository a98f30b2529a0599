import type { Dice } from './dice.ts';

/** What the sandbox does with the calls of one prompt, as a directive (docs/sandbox.md); empty: it draws. */
export function pickWeather(dice: Dice): string {
  let left = dice.fraction() * total;
  const kind = kinds.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  return kind?.toDirectives(dice) ?? '';
}

interface WeatherKind {
  /** How often, relative to the others. */
  readonly weight: number;
  toDirectives(dice: Dice): string;
}

const block = (words: string) => ` [[sandbox ${words}]]`;
const times = (dice: Dice, most: number) => `times=${dice.between(1, most)}`;

const kinds: readonly WeatherKind[] = [
  { weight: 30, toDirectives: () => '' },
  { weight: 16, toDirectives: (dice) => block(`delay=${dice.between(50, 2_000)}ms`) },
  // Overload and internal failures.
  { weight: 10, toDirectives: (dice) => block(`status=503 ${times(dice, 4)}`) },
  { weight: 6, toDirectives: (dice) => block(`status=${dice.pick([500, 502, 504, 408])} ${times(dice, 3)}`) },
  // Of the flex tier: there is no room, or there was more than was asked for.
  { weight: 3, toDirectives: (dice) => block(`flex=refuse ${times(dice, 4)}`) },
  { weight: 2, toDirectives: () => block('tier=standard') },
  // Quotas; a quota per day holds the model back until somebody resumes it.
  {
    weight: 5,
    toDirectives: (dice) => block(`status=429 kind=minute retry=${dice.between(1, 20)}s ${times(dice, 2)}`),
  },
  { weight: 3, toDirectives: (dice) => block(`status=429 kind=capacity ${times(dice, 3)}`) },
  { weight: 2, toDirectives: (dice) => block(`status=429 kind=${dice.pick(['spend', 'prepay', 'free'])} times=1`) },
  { weight: 1, toDirectives: () => block('status=429 kind=day times=1') },
  // A wrong setup, and a wrong request.
  { weight: 2, toDirectives: (dice) => block(`status=${dice.pick([401, 403, 404])} times=1`) },
  { weight: 1, toDirectives: () => block('status=400') },
  // Broken answers.
  { weight: 6, toDirectives: (dice) => block(`${dice.pick(['reset', 'truncate'])} ${times(dice, 2)}`) },
  { weight: 3, toDirectives: (dice) => block(`${dice.pick(['stall', 'hang'])} times=1`) },
  // Refusals, and answers without a picture.
  { weight: 4, toDirectives: (dice) => block(`finish=NO_IMAGE ${times(dice, 3)}`) },
  { weight: 3, toDirectives: () => block('finish=IMAGE_SAFETY') },
  { weight: 2, toDirectives: () => block('block=PROHIBITED_CONTENT') },
  { weight: 2, toDirectives: () => block('no-image') },
  // More or larger pictures than asked for, or different ones.
  { weight: 4, toDirectives: () => block('images=2') },
  { weight: 3, toDirectives: (dice) => block(`bytes=${dice.between(1, 4)}MB mime=image/jpeg`) },
  // So large that a bucket receives it in parts.
  { weight: 1, toDirectives: (dice) => block(`bytes=${dice.between(34, 40)}MB mime=image/jpeg`) },
  { weight: 3, toDirectives: (dice) => block(`signature=${dice.between(10, 400)}KB`) },
  { weight: 3, toDirectives: (dice) => block(dice.pick(['thoughts', 'mime=image/png', 'size=512x512'])) },
];

const total = kinds.reduce((sum, { weight }) => sum + weight, 0);
