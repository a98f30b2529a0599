import type { KeyBody, KeyChange } from '@darkroom/protocol';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useRefresh } from '../refresh.ts';
import { useDarkroomAdmin, useReading } from '../session.tsx';

const queryKey = ['keys'];
const pollMs = 30_000;

/** All keys, oldest first, including revoked ones. */
export function useKeys() {
  const { admin } = useReading();
  return useQuery({ queryKey, queryFn: ({ signal }) => admin.keys({ signal }), refetchInterval: pollMs });
}

/** Resolves to the key with its text, which is shown only once. */
export function useCreateKey() {
  const admin = useDarkroomAdmin();
  const refresh = useRefresh(queryKey);
  return useMutation({
    mutationFn: (body: KeyBody) => admin.createKey(body),
    onSuccess: refresh,
  });
}

export interface ChangeOfKey {
  readonly id: string;
  readonly change: KeyChange;
}

export function useChangeKey() {
  const admin = useDarkroomAdmin();
  const refresh = useRefresh(queryKey);
  return useMutation({
    mutationFn: ({ id, change }: ChangeOfKey) => admin.changeKey(id, change),
    onSuccess: refresh,
  });
}

export interface Rotation {
  readonly id: string;
  readonly graceSeconds: number;
}

/** Resolves to the key with its new text, which is shown only once. */
export function useRotateKey() {
  const admin = useDarkroomAdmin();
  const refresh = useRefresh(queryKey);
  return useMutation({
    mutationFn: ({ id, graceSeconds }: Rotation) => admin.rotateKey(id, { graceSeconds }),
    onSuccess: refresh,
  });
}

export function useRevokeKey() {
  const admin = useDarkroomAdmin();
  const refresh = useRefresh(queryKey);
  return useMutation({
    mutationFn: (id: string) => admin.revokeKey(id),
    onSettled: refresh,
  });
}
