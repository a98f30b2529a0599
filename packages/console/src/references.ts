import { maxReferences } from '@darkroom/protocol';
import { useRef, useState } from 'react';
import { useDarkroom } from './session.tsx';
import { uploadFile } from './upload-file.ts';

/** A picture that is shown to the model beside the prompt. */
export type Reference = { readonly id: number; readonly name: string } & (
  | { readonly state: 'uploading' }
  | { readonly state: 'ready'; readonly url: string; readonly isUploaded: boolean }
  | { readonly state: 'refused'; readonly reason: string }
);

/** The references of the next request: files are uploaded at once, URLs stand as they are. */
export function useReferences() {
  const darkroom = useDarkroom();
  const [references, setReferences] = useState<readonly Reference[]>([]);
  const nextId = useRef(0);
  const replace = (changed: Reference) =>
    setReferences((all) => all.map((one) => (one.id === changed.id ? changed : one)));

  const add = async (file: File, id: number) => {
    const upload = await uploadFile(darkroom, file);
    replace(
      upload.kind === 'kept'
        ? { id, name: file.name, state: 'ready', url: upload.url, isUploaded: true }
        : { id, name: file.name, state: 'refused', reason: upload.reason },
    );
  };
  return {
    references,
    addFiles: (files: readonly File[]) => {
      const added = files.slice(0, maxReferences - references.length).map((file) => ({ file, id: nextId.current++ }));
      setReferences((all) => [
        ...all,
        ...added.map(({ file, id }) => ({ id, name: file.name, state: 'uploading' as const })),
      ]);
      for (const { file, id } of added) void add(file, id);
    },
    addUrl: (url: string) => {
      const name = URL.parse(url)?.host ?? url;
      setReferences((all) => [...all, { id: nextId.current++, name, state: 'ready', url, isUploaded: false }]);
    },
    remove: (id: number) => setReferences((all) => all.filter((one) => one.id !== id)),
  };
}

/** The URLs for `payload.image`. */
export function toImages(references: readonly Reference[]): readonly string[] {
  return references.flatMap((reference) => (reference.state === 'ready' ? [reference.url] : []));
}
