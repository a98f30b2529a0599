import type { RequestRecord } from '@darkroom/protocol';
import { toGrounding } from './record-facts.ts';
import './styles/sources.css';

/**
 * What the model looked up: its sources, and the searches, which Google's terms want shown. All of it is text from outside, so the
 * suggestions are links made of the queries, and their HTML is not used.
 */
export function Sources({ record }: { readonly record: RequestRecord }) {
  const grounding = toGrounding(record);
  if (!grounding) return null;
  const { queries, sources } = grounding;
  return (
    <section className="sources" aria-label="What the model looked up">
      {queries.length > 0 && (
        <p>
          <span className="soft">Searched Google for</span>
          {queries.map((query) => (
            <OutsideLink key={query} url={toSearchUrl(query)}>
              {query}
            </OutsideLink>
          ))}
        </p>
      )}
      {sources.length > 0 && (
        <p>
          <span className="soft">Sources</span>
          {sources.map(({ url, title }) => (
            <OutsideLink key={url} url={url}>
              {title ?? url}
            </OutsideLink>
          ))}
        </p>
      )}
    </section>
  );
}

function toSearchUrl(query: string): string {
  return `https://www.google.com/search?q=${encodeURIComponent(query)}`;
}

function OutsideLink({ url, children }: { readonly url: string; readonly children: string }) {
  // The record's addresses are those of web pages; another server's might not be.
  if (!/^https?:\/\//i.test(url)) return <span>{children}</span>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}
