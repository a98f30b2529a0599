import {
  anything,
  bytes,
  decimal,
  flag,
  integer,
  list,
  message,
  type Reader,
  text,
  type Violation,
  word,
} from './proto-json.ts';
import { Refusal } from './refusals.ts';

/** The body of `generateContent`, with the fields that the upstream knows. */
export type GenerateContentRequest = ReadBy<typeof request>;
export type Content = ReadBy<typeof content>;
export type Part = ReadBy<typeof part>;
export type InlineData = ReadBy<typeof inlineData>;

type ReadBy<R> = R extends Reader<infer T> ? T : never;

/** Parses the request. Throws a `Refusal` that names every unknown field and every value of a wrong type. */
export function parseGenerateContentRequest(body: unknown): GenerateContentRequest {
  const violations: Violation[] = [];
  const read = request(body, '', violations);
  if (read === undefined || violations.length > 0) throw toRefusal(violations);
  return read;
}

function toRefusal(violations: readonly Violation[]): Refusal {
  const fieldViolations = violations.map(({ field, description }) => ({ ...(field !== '' && { field }), description }));
  return Refusal.invalidArgument(violations.map(({ description }) => description).join('\n'), [
    { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations },
  ]);
}

const inlineData = message('Blob', { mimeType: text, data: bytes });

const part = message('Part', {
  text,
  inlineData,
  fileData: message('FileData', { mimeType: text, fileUri: text }),
  functionCall: anything,
  functionResponse: anything,
  executableCode: anything,
  codeExecutionResult: anything,
  thought: flag,
  thoughtSignature: bytes,
  videoMetadata: anything,
  mediaResolution: anything,
  partMetadata: anything,
});

const content = message('Content', { role: text, parts: list(part) });

const request = message('GenerateContentRequest', {
  model: text,
  contents: list(content),
  systemInstruction: content,
  tools: anything,
  toolConfig: anything,
  cachedContent: text,
  serviceTier: word('ServiceTier', ['standard', 'flex', 'priority', 'unspecified']),
  store: flag,
  labels: anything,
  safetySettings: list(
    message('SafetySetting', {
      category: word('HarmCategory', [
        'HARM_CATEGORY_UNSPECIFIED',
        'HARM_CATEGORY_HARASSMENT',
        'HARM_CATEGORY_HATE_SPEECH',
        'HARM_CATEGORY_SEXUALLY_EXPLICIT',
        'HARM_CATEGORY_DANGEROUS_CONTENT',
        'HARM_CATEGORY_CIVIC_INTEGRITY',
      ]),
      threshold: word('SafetySetting.HarmBlockThreshold', [
        'HARM_BLOCK_THRESHOLD_UNSPECIFIED',
        'BLOCK_LOW_AND_ABOVE',
        'BLOCK_MEDIUM_AND_ABOVE',
        'BLOCK_ONLY_HIGH',
        'BLOCK_NONE',
        'OFF',
      ]),
    }),
  ),
  generationConfig: message('GenerationConfig', {
    candidateCount: integer,
    stopSequences: list(text),
    maxOutputTokens: integer,
    temperature: decimal,
    topP: decimal,
    topK: integer,
    seed: integer,
    presencePenalty: decimal,
    frequencyPenalty: decimal,
    responseLogprobs: flag,
    logprobs: integer,
    enableEnhancedCivicAnswers: flag,
    responseMimeType: text,
    responseSchema: anything,
    responseJsonSchema: anything,
    responseModalities: list(
      word('GenerationConfig.Modality', ['MODALITY_UNSPECIFIED', 'TEXT', 'IMAGE', 'AUDIO', 'VIDEO']),
    ),
    speechConfig: anything,
    mediaResolution: anything,
    thinkingConfig: message('ThinkingConfig', {
      includeThoughts: flag,
      thinkingBudget: integer,
      thinkingLevel: word('ThinkingConfig.ThinkingLevel', [
        'THINKING_LEVEL_UNSPECIFIED',
        'MINIMAL',
        'LOW',
        'MEDIUM',
        'HIGH',
      ]),
    }),
    imageConfig: message('ImageConfig', {
      aspectRatio: text,
      imageSize: text,
      // Only Vertex AI has these.
      personGeneration: word('ImageConfig.PersonGeneration', ['ALLOW_ALL', 'ALLOW_ADULT', 'ALLOW_NONE']),
      imageOutputOptions: message('ImageOutputOptions', { mimeType: text, compressionQuality: integer }),
    }),
  }),
});
