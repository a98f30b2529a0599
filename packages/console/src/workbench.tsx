import type { RequestRecord } from '@darkroom/protocol';
import { useLayoutEffect, useRef } from 'react';
import { ContactSheet } from './contact-sheet.tsx';
import { toEditDraft } from './draft.ts';
import { EmptyPrint, Print } from './print.tsx';
import { RequestForm } from './request-form.tsx';
import { useSelectedRequest, useSelectRequest } from './selected-request.ts';
import { useDraftStore } from './session.tsx';
import './styles/workbench.css';

/** The studio: request a picture, watch it develop, continue from it, and see the latest requests. */
export function Workbench() {
  const selected = useSelectedRequest();
  const select = useSelectRequest();
  const print = useScrolledTo(selected);
  const store = useDraftStore();
  const edit = ({ request_id: requestId }: RequestRecord, image: number) =>
    store.change(toEditDraft(store.read(), { requestId, image }));
  return (
    <main className="workbench">
      <h1 className="visually-hidden">Studio</h1>
      <RequestForm onSubmitted={select} />
      <section className="print" aria-label="Picture" ref={print}>
        {selected === undefined ? <EmptyPrint /> : <Print requestId={selected} onEdit={edit} />}
      </section>
      <ContactSheet selected={selected} />
    </main>
  );
}

/** Scrolls the element into view when another request is selected, also by the address that opened the page. */
function useScrolledTo(selected: string | undefined) {
  const element = useRef<HTMLElement>(null);
  const shown = useRef<string>(undefined);
  const isOpening = useRef(true);
  // Before it is painted, so that the link of a picture opens on the picture.
  useLayoutEffect(() => {
    const behavior = isOpening.current ? 'instant' : 'auto';
    isOpening.current = false;
    if (selected === shown.current) return;
    shown.current = selected;
    const top = element.current?.getBoundingClientRect().top ?? 0;
    if (top < 0 || top > window.innerHeight / 2) element.current?.scrollIntoView({ behavior });
  }, [selected]);
  return element;
}
