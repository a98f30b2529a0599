import type { Motif } from '@darkroom/illustrator';
import { stripDirectives } from './directives.ts';
import type { Content } from './generate-content-request.ts';
import type { ModelPart } from './model-parts.ts';

/** What a conversation asks to see. A conversation repeats its history, so directives in earlier turns are ignored. */
export function toMotif(contents: readonly Content[], modelParts: readonly ModelPart[]): Motif {
  const texts = contents
    .filter(({ role }) => role !== 'model')
    .map((content) => stripDirectives(toText(content)))
    .filter((text) => text.trim() !== '');
  const [prompt = '', ...edits] = texts;
  const edited = modelParts.findLast(({ part, take }) => part.inlineData && take)?.take;
  return { prompt, edits, references: toReferences(contents, modelParts), ...(edited && { edited }) };
}

/** The text of a turn, with its parts joined by line breaks. */
export function toText(content: Content | undefined): string {
  return (content?.parts ?? []).flatMap(({ text }) => text ?? []).join('\n');
}

/** Our own pictures are drawn again from the texts that led to them. Any other picture must be read. */
function toReferences(contents: readonly Content[], modelParts: readonly ModelPart[]): Motif['references'] {
  const foreign = new Set(modelParts.filter(({ signature }) => signature !== 'genuine').map(({ part }) => part));
  return contents
    .flatMap(({ role, parts = [] }) => parts.filter((part) => role !== 'model' || foreign.has(part)))
    .flatMap(({ inlineData }) => inlineData?.data?.file ?? []);
}
