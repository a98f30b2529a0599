import type { SlabJson } from './json-slabs.ts';
import type { SandboxModel } from './models.ts';
import { Refusal } from './refusals.ts';

/** Does a call let the model search? `tools` are those of its body. Throws a `Refusal` when the model cannot. */
export function wantsSearch(tools: unknown, model: SandboxModel): boolean {
  const searches = [tools].flat().some((tool) => searchKeys.some((key) => Object(tool)[key] !== undefined));
  if (searches && !model.searches) throw Refusal.invalidArgument('Search Grounding is not supported.');
  return searches;
}

const searchKeys = ['googleSearch', 'google_search'];

/** What a search for the prompt might have found: the sandbox searches nowhere. */
export function toGroundingMetadata(prompt: string): SlabJson {
  const query = prompt.trim().replaceAll(/\s+/g, ' ').slice(0, maxQueryLength);
  const address = `https://www.google.com/search?q=${encodeURIComponent(query)}`;
  return {
    webSearchQueries: [query],
    groundingChunks: [
      { web: { uri: `https://example.org/?q=${encodeURIComponent(query)}`, title: 'example.org' } },
      { web: { uri: 'https://example.com/', title: 'example.com' } },
    ],
    searchEntryPoint: {
      renderedContent: `<style>\n.chip {\n  border-radius: 16px;\n}\n</style>\n<div class="container">\n  <a class="chip" href="${address}">${toHtml(query)}</a>\n</div>\n`,
    },
  };
}

const maxQueryLength = 100;

function toHtml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
