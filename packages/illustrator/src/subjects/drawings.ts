import type { Colour } from '../colour.ts';
import { ellipse, group, line, path, rect, type Svg } from '../drawing/paint.ts';

/** Our own drawings in the icons' square of 32 units, for things that no emoji shows well. */
export function findDrawing(name: string): Svg | undefined {
  return Object.hasOwn(drawings, name) ? drawings[name] : undefined;
}

/** What a colour in the prompt dyes, if not the most vivid part of the drawing: a blue cup does not hold blue coffee. */
export const dyedParts: Readonly<Record<string, ReadonlySet<Colour>>> = {
  'hot-beverage': new Set(['#d3d3d3', '#9b9b9b', '#e6e6e6', '#f4f4f4']),
  latte: new Set(['#f4f5fa', '#d9dde8', '#e3e6ee', '#f1f3f8', '#d5d9e4', '#c9cdd8', '#ffffff']),
};

const heart =
  'M16 15.1c-2.6-1-3.9-2-3.9-3.1c0-1 1-1.5 2-1.5c.9 0 1.6.4 1.9 1c.3-.6 1-1 1.9-1c1 0 2 .5 2 1.500c0 1.100-1.300 2.100-3.900 3.100';

const latte =
  ellipse(16, 28.2, 14.6, 2.6, '#c9cdd8') +
  ellipse(16, 27.5, 14.6, 2.4, '#f1f3f8') +
  ellipse(16, 27.5, 9, 1.3, '#d5d9e4') +
  '<path d="M25 15.500h2.200a3.600 3.600 0 0 1 0 7.200h-3.700" fill="none" stroke="#e3e6ee" stroke-width="2.200"/>' +
  path('M4.500 12.500h23c0 8.500-3.500 15-9 15h-5c-5.500 0-9-6.500-9-15', '#f4f5fa') +
  path(
    'M20 27.400c4.700-1.300 7.500-7.300 7.500-14.900h-5.500c.3 7.500-.7 12.600-4.500 15h1c.5 0 1 0 1.500-.100',
    '#d9dde8',
  ) +
  ellipse(16, 12.5, 11.5, 4.1, '#ffffff') +
  ellipse(16, 12.7, 10.3, 3.4, '#8a5433') +
  ellipse(16, 12.9, 9.2, 2.9, '#a9683f') +
  path(heart, '#fff3dc') +
  line(
    'M12.500 7.200c-1-1.200 1-2.200 0-3.600M16.200 6.600c-1-1.300 1.100-2.500 0-4.100M19.900 7.200c-1-1.200 1-2.200 0-3.600',
    '#fffefb',
    0.9,
    0.75,
  );

const balloonStripes = ['#ff5f57', '#ffb02e', '#fff1d6', '#3fb8f2', '#7a5cf0'].map((colour, index) => {
  const [outer, inner] = [12 - index * 5.2, 12 - (index + 1) * 5.2 + 0.2];
  return path(
    `M16 .8C${16 - outer} .8 ${16 - outer * 1.1} 14 ${16 - outer * 0.26} 22H${16 - inner * 0.26}C${16 - inner * 1.1} 14 ${16 - inner} .8 16 .8`,
    colour as '#',
  );
});

const rainbow = (['#ff6b6b', '#ffa94d', '#ffe066', '#69db7c', '#4dabf7', '#9775fa'] as const)
  .map((colour, index) => {
    const radius = 15 - index * 1.15;
    return `<path d="M${16 - radius} 24a${radius} ${radius} 0 0 1 ${radius * 2} 0" fill="none" stroke="${colour}" stroke-width="1.200" opacity="0.8"/>`;
  })
  .join('');

const drawings: Readonly<Record<string, Svg>> = {
  rainbow,
  latte,
  'hot-air-balloon':
    line('M13 21.800L14 26.600M19 21.800L18 26.600', '#8a6a4a', 0.5) +
    balloonStripes.slice(0, 5).join('') +
    path('M12.600 21.400h6.800l-.5 1.200h-5.800z', '#d94a44') +
    rect(13.3, 26.2, 5.4, 4.8, '#a8703f', 1) +
    rect(13.3, 26.2, 5.4, 1.3, '#c98d55', 0.6) +
    rect(16.7, 26.2, 2, 4.8, '#8a5830', 0.8) +
    ellipse(11.6, 8.4, 2, 4.4, '#ffffff', { opacity: 0.22 }),
  lighthouse:
    path('M6 31.500c1-3 4-4 7-3.800c4-1.700 9-.5 12 3.800z', '#7d7f8c') +
    path('M12 11.500h8l2.200 18.300H9.800z', '#f7f3ee') +
    path('M11.500 16h9l.5 4.200H11zM10.600 24.200h10.900l.5 4.300H10z', '#e5453b') +
    path('M17.500 11.500H20l2.200 18.300h-4z', '#1a1a3a', { opacity: 0.14 }) +
    rect(10.8, 10, 10.4, 1.9, '#3d4256', 0.5) +
    rect(12.8, 5.6, 6.4, 4.5, '#ffe27a', 0.4) +
    line('M14.900 5.600v4.400M17.100 5.600v4.400', '#3d4256', 0.5) +
    path('M11.800 5.800L16 1.600l4.200 4.200z', '#e5453b') +
    rect(15.6, 0.4, 0.8, 1.6, '#3d4256') +
    rect(14.7, 25.5, 2.6, 4.3, '#5a3a2a', 1.2),
  windmill:
    path('M11.600 12h8.800l2.600 19.500H9z', '#f3e6d2') +
    path('M17.600 12h2.800l2.600 19.500h-4.600z', '#d6c2a4') +
    path('M10.600 12.400C11 7.500 21 7.500 21.400 12.400z', '#b5533c') +
    rect(14, 25.5, 4, 6, '#7a4b32', 1.6) +
    rect(14.6, 17.6, 2.8, 3.4, '#6fa8cf', 0.4) +
    group(
      [0, 90, 180, 270]
        .map(
          (turn) =>
            `<g transform="rotate(${turn})"><path d="M0 0V-11.500" stroke="#7a5a42" stroke-width=".9"/><path d="M.3-3h3.400v-8H.3z" fill="#fffaf0"/><path d="M.3-5.600h3.400M.3-8.300h3.400M2-3v-8" stroke="#c9b293" stroke-width=".35"/></g>`,
        )
        .join(''),
      'transform="translate(16 11) rotate(24)"',
    ) +
    ellipse(16, 11, 1.2, 1.2, '#7a5a42'),
  pyramid:
    path('M1 30L16 5l4.500 7.600L31 30z', '#f0c36d') +
    path('M16 5L31 30H20z', '#c8924a') +
    line('M9.300 16.300h4.700M6.300 21.300h10.800M3.600 26h15.600', '#c8924a', 0.5, 0.6),
  igloo:
    path('M2 29C2 15 9 9 16 9s14 6 14 20z', '#eaf4ff') +
    path('M22 10.800C27 14 30 20 30 29h-6c0-8 0-13-2-18.200', '#c3d8ee') +
    line(
      'M3.200 22.500h25.600M5.400 16.500h21.200M10.500 22.500v6M9 16.500v6M21.800 22.500v6M23.500 16.500v6M16 9.500v7',
      '#b3cbe6',
      0.6,
    ) +
    path('M10 29v-4.500c0-7.500 12-7.500 12 0V29z', '#ffffff') +
    path('M12.200 29v-4.300c0-5 7.600-5 7.600 0V29z', '#31466b'),
  campfire:
    path(
      'M16 3c1.500 5.500 7.500 8 7.500 15.500C23.500 24 20 27 16 27s-7.500-3-7.500-8.500c0-4 2-5.500 3-8.500c1.500 1 2.200 2.200 2.500 3.500C15.500 10.500 16.200 7 16 3',
      '#ff7a2f',
    ) +
    path(
      'M16 12c.8 3.500 4.300 5 4.300 9.300c0 3.200-2 5.200-4.300 5.200s-4.300-2-4.300-5.200c0-3.300 3.300-5 4.300-9.300',
      '#ffc53d',
    ) +
    path(
      'M16 19c.4 1.800 2 2.700 2 4.700c0 1.600-.9 2.800-2 2.800s-2-1.200-2-2.800c0-2 1.600-2.900 2-4.700',
      '#fff3c4',
    ) +
    line('M6 29.500L25.500 24.500', '#7a4b32', 3.2) +
    line('M26 29.500L6.500 24.500', '#94603f', 3.2),
  'street-lamp':
    rect(15.3, 9, 1.4, 21, '#3d4256') +
    rect(12.5, 29.4, 7, 2.2, '#3d4256', 0.8) +
    path('M12.300 3.800h7.400L18.400 10h-4.800z', '#ffe27a') +
    path('M11.500 3.900L16 .6l4.500 3.300z', '#3d4256') +
    rect(13.2, 9.6, 5.6, 1.1, '#3d4256', 0.4),
  bookshelf:
    rect(4, 2, 24, 29.5, '#8a5638', 1) +
    rect(5.6, 3.6, 20.8, 8, '#5c3623') +
    rect(5.6, 13, 20.8, 8, '#5c3623') +
    rect(5.6, 22.4, 20.8, 8, '#5c3623') +
    (
      [
        ['#d9482b', 6.2, 4.6],
        ['#f2c14e', 8.8, 5.4],
        ['#588b8b', 11.4, 4.2],
        ['#e5e0d5', 14, 5.2],
        ['#6d597a', 16.6, 4.6],
        ['#3f8cff', 19.2, 5.6],
        ['#355070', 6.2, 14],
        ['#e07a5f', 8.8, 14.8],
        ['#81b29a', 14, 14.2],
        ['#f2cc8f', 16.6, 14.6],
        ['#d9482b', 21.8, 14.2],
        ['#7a5cf0', 8.8, 23.4],
        ['#f4f1de', 11.4, 24.2],
        ['#3d405b', 14, 23.6],
        ['#e5989b', 21.8, 24],
      ] as const
    )
      .map(([colour, x, y]) => rect(x, y, 2.3, (y < 12 ? 11.6 : y < 21 ? 21 : 30.4) - y, colour, 0.3))
      .join(''),
  piano:
    rect(3, 6, 26, 20, '#2b2b38', 1.4) +
    rect(3, 6, 26, 2.2, '#454558', 1) +
    rect(2, 16, 28, 3, '#3a3a4a', 0.6) +
    rect(3.2, 18.6, 25.6, 3.2, '#fbfaf6', 0.4) +
    line(
      'M6.400 18.800v1.700M9.600 18.800v1.700M12.800 18.800v1.700M16 18.800v1.700M19.200 18.800v1.700M22.400 18.800v1.700M25.600 18.800v1.700',
      '#1d1d28',
      1.2,
    ) +
    rect(4, 25, 2.4, 6, '#2b2b38') +
    rect(25.6, 25, 2.4, 6, '#2b2b38') +
    rect(11, 9.6, 10, 5, '#f4ecd9', 0.4),
};
