import { z } from 'zod';
import type { Grounding, GroundingSource } from '../../core/grounding.ts';
import { toSafeText } from '../upstream-text.ts';

/** A row and a page hold this much. Google sends a handful of each, and three to six thousand characters of suggestions. */
const maxQueries = 20;
const maxSources = 50;
const maxQueryLength = 500;
const maxTitleLength = 300;
const maxUrlLength = 2_000;
const maxSuggestionsLength = 20_000;

const text = z.string().optional().catch(undefined);
const texts = z.array(z.string().catch('')).catch([]);

/** A page of the web, or the page that shows a picture. */
const chunkSchema = z
  .object({
    web: z.object({ uri: text, title: text }).optional().catch(undefined),
    image: z.object({ sourceUri: text, title: text }).optional().catch(undefined),
  })
  .catch({});

/** Lenient, as the rest of the answer is: it must not cost a picture that was paid for. `undefined` when nothing was looked up. */
export const groundingMetadataSchema = z
  .object({
    webSearchQueries: texts,
    imageSearchQueries: texts,
    groundingChunks: z.array(chunkSchema).catch([]),
    searchEntryPoint: z.object({ renderedContent: text }).optional().catch(undefined),
  })
  .transform(({ webSearchQueries, imageSearchQueries, groundingChunks, searchEntryPoint }) =>
    toGrounding({
      queries: [...webSearchQueries, ...imageSearchQueries].filter((query) => query.trim() !== ''),
      sources: groundingChunks.flatMap(({ web, image }) => toSource(web?.uri ?? image?.sourceUri, web ?? image)),
      suggestions: searchEntryPoint?.renderedContent ?? '',
    }),
  )
  .optional()
  .catch(undefined);

function toGrounding({ queries, sources, suggestions }: Required<Grounding>): Grounding | undefined {
  const isWhole = suggestions !== '' && suggestions.length <= maxSuggestionsLength;
  if (queries.length === 0 && sources.length === 0 && !isWhole) return undefined;
  return {
    queries: queries.slice(0, maxQueries).map((query) => toSafeText(query, maxQueryLength)),
    sources: sources.slice(0, maxSources),
    // Half of a page is none.
    ...(isWhole && { suggestions: toSafeText(suggestions, maxSuggestionsLength) }),
  };
}

/** Addresses are shown as links: those of other schemes are left out. */
function toSource(
  given: string | undefined,
  { title = '' }: { readonly title?: string | undefined } = {},
): readonly GroundingSource[] {
  if (given === undefined || given.length > maxUrlLength || !URL.canParse(given)) return [];
  const { protocol, href } = new URL(given);
  if (protocol !== 'https:' && protocol !== 'http:') return [];
  const safeTitle = toSafeText(title.trim(), maxTitleLength);
  return [{ url: href, ...(safeTitle !== '' && { title: safeTitle }) }];
}
