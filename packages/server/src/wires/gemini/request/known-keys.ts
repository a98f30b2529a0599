import { tierChoices } from '@darkroom/protocol';
import type { ProblemDetails } from '../../../core/problem.ts';

/** What the wire does with the keys of an object that it does not map. */
export interface KeyRules {
  /** They mean nothing to a picture: accepted, and without effect. */
  readonly ignored: readonly string[];
  /** They would change the picture, and cannot be done here: the end of a sentence that begins with the key. */
  readonly refused: Readonly<Record<string, string>>;
}

/** The refusal of every key of `given` that is neither mapped nor ignored: no parameter is dropped in silence. */
export function findForeignKeys(
  given: Readonly<Record<string, unknown>>,
  { path, mapped, rules }: { readonly path: string; readonly mapped: readonly string[]; readonly rules: KeyRules },
): ProblemDetails {
  const accepted = new Set([...mapped, ...rules.ignored]);
  return Object.keys(given)
    .filter((key) => !accepted.has(key))
    .map((key) => ({
      path: path === '' ? key : `${path}.${key}`,
      message:
        (Object.hasOwn(rules.refused, key) && rules.refused[key]) || 'is not known to this service: leave it out',
    }));
}

export const bodyRules: KeyRules = {
  ignored: ['model', 'toolConfig', 'labels', 'store'],
  refused: {
    cachedContent: 'is not supported: send the contents themselves',
    serviceTier: `must be one of ${tierChoices.join(', ')}`,
  },
};

export const configRules: KeyRules = {
  // They bound or shape the words beside the picture.
  ignored: [
    'maxOutputTokens',
    'stopSequences',
    'presencePenalty',
    'frequencyPenalty',
    'responseLogprobs',
    'logprobs',
    'audioTimestamp',
    'enableEnhancedCivicAnswers',
  ],
  refused: {
    topK: 'is not supported: use topP',
    mediaResolution: 'is not supported: reference pictures are read at the resolution that the model chooses',
    responseMimeType: 'is not supported: an image model answers in pictures and plain text',
    responseSchema: 'is not supported: an image model answers in pictures and plain text',
    responseJsonSchema: 'is not supported: an image model answers in pictures and plain text',
    speechConfig: 'is not supported: an image model does not speak',
  },
};

export const imageRules: KeyRules = {
  ignored: [],
  refused: {
    personGeneration: 'is not supported: the model has no such switch',
    prominentPeople: 'is not supported: the model has no such switch',
  },
};

export const predictRules: KeyRules = {
  ignored: [
    'includeRaiReason',
    'includeSafetyAttributes',
    'language',
    'safetyFilterLevel',
    'safetySetting',
    'enhancePrompt',
  ],
  refused: {
    negativePrompt: 'is not supported: say in the prompt what must not be in the picture',
    personGeneration: 'must be "allow_adult" or "allow_all": the model has no switch for people',
    addWatermark: 'must be true: the model always marks its pictures',
    storageUri: 'is not supported: the picture is in the answer',
  },
};
