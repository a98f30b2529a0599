import type { RequestRecord } from '@darkroom/protocol';
import { useEffect, useRef, useState } from 'react';
import { ContactSheet } from './contact-sheet.tsx';
import { EmptyPrint, Print } from './print.tsx';
import { RequestForm } from './request-form.tsx';
import { useSelectedRequest, useSelectRequest } from './selected-request.ts';
import './styles/workbench.css';

/** The studio: ask for a picture, see it develop, go on from it, see the latest ones. */
export function Workbench() {
  const selected = useSelectedRequest();
  const select = useSelectRequest();
  const print = useScrolledTo(selected);
  const [previous, setPrevious] = useState<RequestRecord>();

  const showSubmitted = (requestId: string) => {
    setPrevious(undefined);
    select(requestId);
  };
  return (
    <main className="workbench">
      <h1 className="visually-hidden">Studio</h1>
      <RequestForm previous={previous} onPreviousDropped={() => setPrevious(undefined)} onSubmitted={showSubmitted} />
      <section className="print" aria-label="Picture" ref={print}>
        {selected === undefined ? <EmptyPrint /> : <Print requestId={selected} onEdit={setPrevious} />}
      </section>
      <ContactSheet selected={selected} />
    </main>
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
