import { SpooledString } from '@darkroom/json-stream';
import { automaticRatio } from '@darkroom/protocol';
import type { OrderParameters } from '../../core/order.ts';
import { type OptionalParameters, readOptionalParameters } from '../../models/optional-parameters.ts';
import { readShape } from '../../models/picture-shape.ts';
import type { ImageCall, Signature, TurnPart } from '../image-model.ts';

/** The body of `generateContent`. Pictures and signatures stay in their files until the body is sent. */
export function toRequestBody({ turns, parameters, imageIndex, serviceTier }: ImageCall) {
  const said = readOptionalParameters(parameters);
  return {
    contents: turns.map(({ role, parts }) => ({ role, parts: parts.map(toPart) })),
    ...(said.system_instruction !== undefined && { systemInstruction: { parts: [{ text: said.system_instruction }] } }),
    ...(said.safety_settings && { safetySettings: said.safety_settings }),
    ...(said.google_search && { tools: [{ googleSearch: {} }] }),
    // In small letters: the names of the enum are refused.
    ...(serviceTier !== 'standard' && { serviceTier }),
    generationConfig: {
      // With TEXT a refusal says why; with IMAGE only, it is an empty answer.
      responseModalities: ['TEXT', 'IMAGE'],
      ...toSampling(said, imageIndex),
      imageConfig: toImageConfig(parameters),
    },
  };
}

/** How the model chooses. With one seed for all, the pictures of an order would be alike. */
function toSampling(said: OptionalParameters, imageIndex: number): object {
  const { temperature, top_p: topP, seed, thinking_level: thinkingLevel } = said;
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    // After the largest int32 comes the smallest.
    ...(seed !== undefined && { seed: (seed + imageIndex) | 0 }),
    ...(thinkingLevel !== undefined && { thinkingConfig: { thinkingLevel: thinkingLevel.toUpperCase() } }),
  };
}

/** Without a ratio, the model keeps that of the last picture that it is given, or chooses one. */
function toImageConfig(parameters: OrderParameters): object {
  const { aspectRatio, imageSize } = readShape(parameters);
  return aspectRatio === automaticRatio ? { imageSize } : { aspectRatio, imageSize };
}

/** The signature belongs on the same object as its text or picture; in a separate object, the upstream answers 400. */
function toPart(part: TurnPart): object {
  const content = toContent(part);
  return part.signature ? { ...content, thoughtSignature: toSignature(part.signature) } : content;
}

function toContent(part: TurnPart): object {
  switch (part.kind) {
    case 'text':
      return { text: part.text };
    case 'picture':
      return { inlineData: { mimeType: part.mimeType, data: new SpooledString(part.file, 'base64') } };
    case 'remote':
      return { fileData: { mimeType: part.mimeType, fileUri: part.uri } };
  }
}

function toSignature(signature: Signature): SpooledString | string {
  return signature.kind === 'file' ? new SpooledString(signature.file, 'spelled') : signature.value;
}
