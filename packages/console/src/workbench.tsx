import { useEffect, useRef } from 'react';
import { Brand } from './brand.tsx';
import { ContactSheet } from './contact-sheet.tsx';
import { EmptyPrint, Print } from './print.tsx';
import { RequestForm } from './request-form.tsx';
import { selectRequest, useSelectedRequest } from './selected-request.ts';
import './styles/workbench.css';

/** The page of who is signed in: ask for a picture, see it develop, see the latest ones. */
export function Workbench({ onSignOut }: { readonly onSignOut: () => void }) {
  const selected = useSelectedRequest();
  const print = useScrolledTo(selected);
  return (
    <>
      <header className="bar">
        <h1>
          <Brand />
        </h1>
        <nav aria-label="Darkroom">
          <a href="/docs">Reference</a>
          <button type="button" className="quiet" onClick={onSignOut}>
            Sign out
          </button>
        </nav>
      </header>
      <main className="workbench">
        <RequestForm onSubmitted={selectRequest} />
        <section className="print" aria-label="Picture" ref={print}>
          {selected === undefined ? <EmptyPrint /> : <Print requestId={selected} />}
        </section>
        <ContactSheet selected={selected} />
      </main>
    </>
  );
}

/** Brings the element into view whenever another request is selected; the page's first look stays at its top. */
function useScrolledTo(selected: string | undefined) {
  const element = useRef<HTMLElement>(null);
  const shown = useRef(selected);
  useEffect(() => {
    if (selected === shown.current) return;
    shown.current = selected;
    const top = element.current?.getBoundingClientRect().top ?? 0;
    if (top < 0 || top > window.innerHeight / 2) element.current?.scrollIntoView();
  }, [selected]);
  return element;
}
