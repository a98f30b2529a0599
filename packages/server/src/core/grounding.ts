/** What the model looked up before it drew. All of it is text from outside, of bounded length. */
export interface Grounding {
  /** What was searched for; each search is charged. */
  readonly queries: readonly string[];
  readonly sources: readonly GroundingSource[];
  /** HTML with the search suggestions, as the search engine wants them shown. */
  readonly suggestions?: string;
}

export interface GroundingSource {
  /** Of the web; it begins with `http:` or `https:`. */
  readonly url: string;
  readonly title?: string;
}

/** What several calls looked up, everything once; the suggestions are those of the first that brought any. */
export function mergeGroundings(groundings: readonly Grounding[]): Grounding | undefined {
  if (groundings.length === 0) return undefined;
  const sources = groundings.flatMap((one) => one.sources);
  const suggestions = groundings.find((one) => one.suggestions !== undefined)?.suggestions;
  return {
    queries: [...new Set(groundings.flatMap((one) => one.queries))],
    // Of two with one address, the first keeps its place.
    sources: [...new Map(sources.toReversed().map((source) => [source.url, source])).values()].toReversed(),
    ...(suggestions !== undefined && { suggestions }),
  };
}
