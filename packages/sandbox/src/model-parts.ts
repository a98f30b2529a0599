import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Take } from '@darkroom/illustrator';
import type { SpooledString, SpoolFile } from '@darkroom/json-stream';
import type { Content, Part } from './generate-content-request.ts';
import { Refusal } from './refusals.ts';
import { verify } from './signatures.ts';

/** A part of one of the model's turns, and the state of its thought signature. */
export interface ModelPart {
  readonly part: Part;
  /** Both from 1. */
  readonly position: { readonly content: number; readonly part: number };
  readonly isSignatureNeeded: boolean;
  readonly signature: 'genuine' | 'stand-in' | 'missing' | 'corrupted';
  /** The take that a genuine signature contains. */
  readonly take?: Take;
}

/**
 * Inspects every part of the model's turns except thoughts: the upstream sends thoughts without signatures and does not
 * require any. In an answer, the first part after the thoughts is signed, whether text or picture, and so is every further
 * picture.
 */
export async function inspectModelParts(contents: readonly Content[]): Promise<readonly ModelPart[]> {
  const inspected: ModelPart[] = [];
  for (const [index, { role, parts = [] }] of contents.entries()) {
    const first = parts.findIndex(({ thought }) => !thought);
    for (const [at, part] of role === 'model' ? parts.entries() : []) {
      if (part.thought) continue;
      const isSignatureNeeded = isPicture(part) || (at === first && part.text !== undefined);
      const position = { content: index + 1, part: at + 1 };
      inspected.push({ part, position, isSignatureNeeded, ...(await inspectSignature(part)) });
    }
  }
  return inspected;
}

/** Throws a `Refusal` for the first part whose signature is missing or belongs to another part. */
export function checkSignatures(parts: readonly ModelPart[]): void {
  for (const part of parts) {
    if (part.signature === 'corrupted') throw Refusal.invalidArgument('Corrupted thought signature.');
    if (part.signature === 'missing' && part.isSignatureNeeded) throw toMissing(part);
  }
}

/** Throws the `Refusal` for a missing signature of the first picture, or else of the first part, if there is any part. */
export function refuseSignatures(parts: readonly ModelPart[]): void {
  const refused = parts.find(({ part }) => isPicture(part)) ?? parts[0];
  if (refused) throw toMissing(refused);
}

function toMissing({ part, position }: ModelPart): Refusal {
  const kind = isPicture(part) ? 'Image' : 'Text';
  return Refusal.invalidArgument(
    `${kind} part is missing a thought_signature in content position ${position.content}, part position ${position.part}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures#model-behavior for more details.`,
  );
}

function isPicture({ inlineData }: Part): boolean {
  return inlineData !== undefined;
}

async function inspectSignature(part: Part): Promise<Pick<ModelPart, 'signature' | 'take'>> {
  const { thoughtSignature: signature } = part;
  if (!signature || signature.file.bytes === 0) return { signature: 'missing' };
  if (await isStandIn(signature)) return { signature: 'stand-in' };
  const bytes = toBytes(part);
  const take = bytes && (await verify(read(signature.file), bytes));
  return take ? { signature: 'genuine', take } : { signature: 'corrupted' };
}

/** The bytes that were signed, if the sandbox could have signed this part. */
function toBytes({ inlineData, text }: Part): Parameters<typeof verify>[1] | undefined {
  if (inlineData) return inlineData.data && read(inlineData.data.file);
  return text === undefined ? undefined : [Buffer.from(text)];
}

/** Opens the file only when it is read: no one would handle the errors of a stream that is not read yet. */
async function* read({ path }: SpoolFile): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path);
}

/** Documented stand-ins for turns that Gemini did not make: https://ai.google.dev/gemini-api/docs/thought-signatures */
const standIns: ReadonlySet<string> = new Set([
  'skip_thought_signature_validator',
  'context_engineering_is_the_way_to_go',
]);

const maxStandInBytes = Math.max(...[...standIns].map((standIn) => standIn.length));

async function isStandIn({ file }: SpooledString): Promise<boolean> {
  return file.bytes <= maxStandInBytes && standIns.has(await readFile(file.path, 'latin1'));
}
