import type { Darkroom } from '@darkroom/client';
import { maxReferences } from '@darkroom/protocol';
import type { DraftStore } from './draft-store.ts';
import { describeUnfit, uploadFile } from './upload-file.ts';

/** A picture that the model gets together with the prompt. */
export type Reference = { readonly id: number; readonly name: string } & (
  | { readonly state: 'uploading' }
  | {
      readonly state: 'ready';
      readonly url: string;
      readonly isUploaded: boolean;
      /** Whether a request was already sent with it. */
      readonly isSent: boolean;
    }
);

/** Uploads files at once, as many as a request takes. For each of the others, the draft says why it was left out. */
export function addFiles(store: DraftStore, darkroom: Darkroom, files: readonly File[]): void {
  for (const file of files) {
    const reason = describeUnfit(file) ?? describeFull(store);
    if (reason === undefined) void upload(store, darkroom, file);
    else store.refuse({ name: file.name, reason });
  }
}

/** Adds a URL as it is. The worker fetches it. */
export function addUrl(store: DraftStore, url: string): void {
  const name = URL.parse(url)?.host || 'The picture in the address';
  const reason = describeFull(store);
  if (reason === undefined) store.addReference({ name, state: 'ready', url, isUploaded: false, isSent: false });
  else store.refuse({ name, reason });
}

/** The URLs for `payload.image`. */
export function toImages(references: readonly Reference[]): readonly string[] {
  return references.flatMap((reference) => (reference.state === 'ready' ? [reference.url] : []));
}

async function upload(store: DraftStore, darkroom: Darkroom, file: File): Promise<void> {
  const { name } = file;
  const id = store.addReference({ name, state: 'uploading' });
  const uploaded = await uploadFile(darkroom, file);
  // The reader may have removed it meanwhile.
  if (!store.read().references.some((one) => one.id === id)) return;
  if (uploaded.kind === 'kept') {
    const ready = { id, name, state: 'ready', url: uploaded.url, isUploaded: true, isSent: false } as const;
    store.changeReferences((all) => all.map((one) => (one.id === id ? ready : one)));
    return;
  }
  store.changeReferences((all) => all.filter((one) => one.id !== id));
  store.refuse({ name, reason: uploaded.reason });
}

function describeFull(store: DraftStore): string | undefined {
  return store.read().references.length < maxReferences ? undefined : `A request takes ${maxReferences} references.`;
}
