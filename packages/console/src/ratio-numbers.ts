/** `16:9` as its two numbers. A ratio that is not spelled like this counts as square. */
export function toRatioNumbers(ratio: string): readonly [across: number, down: number] {
  const [, across, down] = /^([1-9]\d{0,3}):([1-9]\d{0,3})$/.exec(ratio) ?? [];
  return across === undefined ? [1, 1] : [Number(across), Number(down)];
}
