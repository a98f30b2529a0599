/**
 * Does a program print what the page says? An `…` matches anything within a line; alone on a line, it matches any
 * number of lines.
 */
export function fitsText(printed: string, expected: string): boolean {
  const lines = normalize(expected).split('\n');
  const pattern = lines.map((line) => (line === '…' ? '(?:[\\s\\S]*\\n)?' : `${toPattern(line)}\\n`)).join('');
  return new RegExp(`^${pattern}$`).test(`${normalize(printed)}\n`);
}

function toPattern(line: string): string {
  return line.split('…').map(RegExp.escape).join('[^\\n]*');
}

/** The columns of tables are as wide as their content, so the number of spaces does not matter. */
function normalize(text: string): string {
  return text.trim().replaceAll(/ +/g, ' ').replaceAll(/ $/gm, '');
}

/**
 * Does an answer have every key that the page shows? An `…` inside a text matches anything, alone it matches any value,
 * and at the end of a list it matches further entries. Any Unix time matches any other.
 */
export function fitsJson(answer: unknown, expected: unknown): boolean {
  if (expected === '…') return answer !== undefined;
  if (typeof expected === 'string') return typeof answer === 'string' && fitsText(answer, expected);
  if (typeof expected === 'number') return answer === expected || (isUnixTime(answer) && isUnixTime(expected));
  if (Array.isArray(expected)) return Array.isArray(answer) && fitsList(answer, expected);
  if (typeof expected !== 'object' || expected === null) return answer === expected;
  if (typeof answer !== 'object' || answer === null) return false;
  const given = new Map(Object.entries(answer));
  return Object.entries(expected).every(([key, value]) => fitsJson(given.get(key), value));
}

function fitsList(answer: readonly unknown[], expected: readonly unknown[]): boolean {
  const shown = expected.at(-1) === '…' ? expected.slice(0, -1) : expected;
  if (shown.length === expected.length && answer.length !== shown.length) return false;
  return shown.every((one, index) => fitsJson(answer[index], one));
}

function isUnixTime(value: unknown): boolean {
  return typeof value === 'number' && value > 1e9;
}
