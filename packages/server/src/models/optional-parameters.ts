import type { Payload } from '@darkroom/protocol';
import type { OrderParameters } from '../core/order.ts';

/** What an order says beyond the picture's shape, as far as its model takes it. JSON values. */
export interface OptionalParameters {
  readonly systemInstruction?: string;
  readonly temperature?: number;
  readonly topP?: number;
  /** Of the first picture; each further one has the next. */
  readonly seed?: number;
  readonly safetySettings?: readonly SafetySetting[];
  readonly thinkingLevel?: string;
  readonly googleSearch?: true;
}

export interface SafetySetting {
  readonly category: string;
  readonly threshold: string;
}

export function toOptionalParameters(payload: Payload): OptionalParameters & OrderParameters {
  const { system_instruction: systemInstruction, temperature, top_p: topP, seed } = payload;
  const { safety_settings: safetySettings, thinking_level: thinkingLevel, google_search: googleSearch } = payload;
  return {
    ...(systemInstruction !== undefined && { systemInstruction }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(seed !== undefined && { seed }),
    ...(safetySettings && { safetySettings }),
    ...(thinkingLevel !== undefined && { thinkingLevel }),
    ...(googleSearch && { googleSearch }),
  };
}

export function readOptionalParameters(parameters: OrderParameters): OptionalParameters {
  return parameters; // a spec has written them, as `toOptionalParameters` does
}
