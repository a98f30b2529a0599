import type { safetyCategories, safetyThresholds } from '@darkroom/protocol';

export type SafetyThreshold = (typeof safetyThresholds)[number];
type SafetyCategory = (typeof safetyCategories)[number];

const categories: readonly SafetyCategory[] = [
  'HARM_CATEGORY_HARASSMENT',
  'HARM_CATEGORY_HATE_SPEECH',
  'HARM_CATEGORY_SEXUALLY_EXPLICIT',
  'HARM_CATEGORY_DANGEROUS_CONTENT',
];

/** For dialects that have one level for everything: the same threshold for each category. */
export function toSafetySettings(threshold: SafetyThreshold | undefined) {
  return threshold && categories.map((category) => ({ category, threshold }));
}
