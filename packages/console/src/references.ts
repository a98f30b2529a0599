import { maxReferenceBytes, maxReferences, type UploadType, uploadTypes } from '@darkroom/protocol';
import { useRef, useState } from 'react';
import { toSentence, useDarkroom } from './session.tsx';

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

  const upload = async (file: File, id: number) => {
    const name = file.name;
    const type = toUploadType(file);
    const refusal = describeRefusal(file, type);
    if (refusal !== undefined || type === undefined)
      return replace({ id, name, state: 'refused', reason: refusal ?? wrongType });
    try {
      const url = await darkroom.upload(file, { type });
      replace({ id, name, state: 'ready', url, isUploaded: true });
    } catch (error) {
      replace({ id, name, state: 'refused', reason: toSentence(error) });
    }
  };
  return {
    references,
    addFiles: (files: readonly File[]) => {
      const added = files.slice(0, maxReferences - references.length).map((file) => ({ file, id: nextId.current++ }));
      setReferences((all) => [
        ...all,
        ...added.map(({ file, id }) => ({ id, name: file.name, state: 'uploading' as const })),
      ]);
      for (const { file, id } of added) void upload(file, id);
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

const wrongType = 'It is not a PNG, JPEG, WebP, HEIC or HEIF picture.';

function describeRefusal(file: File, type: UploadType | undefined): string | undefined {
  if (type === undefined) return wrongType;
  return file.size > maxReferenceBytes ? 'It is larger than 7 MB.' : undefined;
}

/** By its type, or by its name where the browser knows no type, as for HEIC. */
function toUploadType(file: File): UploadType | undefined {
  const words = Object.keys(uploadTypes) as UploadType[]; // the table's own keys
  const ending = file.name.split('.').at(-1)?.toLowerCase();
  return (
    words.find((word) => uploadTypes[word] === file.type) ?? words.find((word) => file.type === '' && word === ending)
  );
}
