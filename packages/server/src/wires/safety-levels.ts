/** What the safety settings of a payload say about every category. */
export type SafetyThreshold = 'BLOCK_LOW_AND_ABOVE' | 'BLOCK_MEDIUM_AND_ABOVE' | 'BLOCK_ONLY_HIGH' | 'BLOCK_NONE';

const categories = [
  'HARM_CATEGORY_HARASSMENT',
  'HARM_CATEGORY_HATE_SPEECH',
  'HARM_CATEGORY_SEXUALLY_EXPLICIT',
  'HARM_CATEGORY_DANGEROUS_CONTENT',
];

/** For dialects that have one level for everything: the same threshold for each category. */
export function toSafetySettings(threshold: SafetyThreshold | undefined) {
  return threshold && categories.map((category) => ({ category, threshold }));
}
