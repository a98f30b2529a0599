/** A round number that no bar is higher than: 1, 2, 2.5 or 5 times a power of ten. */
export function toAxisTop(highest: number): number {
  if (highest <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(highest));
  const factor = [1, 2, 2.5, 5, 10].find((one) => one * power >= highest) ?? 10;
  return factor * power;
}
