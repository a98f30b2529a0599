/** A whole number as people write it: `12,000`. The first number of a process that `toLocaleString` writes takes 25 ms. */
export function groupDigits(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}
