import type { RequestRecord } from '@darkroom/protocol';
import { useState } from 'react';
import { Choice } from './choice.tsx';
import { type SnippetLanguage, snippetLanguages, toSnippet } from './code-snippets.ts';
import { CopyButton } from './copy-button.tsx';
import { ScrollRoom } from './scroll-room.tsx';
import './styles/code-panel.css';

/** The request as code, collapsed at first. */
export function CodePanel({ record }: { readonly record: RequestRecord }) {
  const [language, setLanguage] = useState<SnippetLanguage>('curl');
  const code = toSnippet(language, record, window.location.origin);
  return (
    <details className="code-panel">
      <summary>The same as code</summary>
      <div className="code-panel-head">
        <Choice legend="Language" options={snippetLanguages} value={language} onChange={setLanguage}>
          {(option) => option}
        </Choice>
        <CopyButton text={code} name="Copy code" />
      </div>
      <ScrollRoom name={`The request in ${language}`}>
        <pre>{code}</pre>
      </ScrollRoom>
    </details>
  );
}
