import type { OrganizationBody, OrganizationChange } from '@darkroom/protocol';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useRefresh } from '../refresh.ts';
import { useDarkroomAdmin, useReading } from '../session.tsx';

const queryKey = ['organizations'];
const pollMs = 30_000;

/** All organizations, in the order of their ids. */
export function useOrganizations() {
  const { admin } = useReading();
  return useQuery({ queryKey, queryFn: ({ signal }) => admin.organizations({ signal }), refetchInterval: pollMs });
}

export function useCreateOrganization() {
  const admin = useDarkroomAdmin();
  const onSuccess = useRefresh(queryKey);
  return useMutation({ mutationFn: (body: OrganizationBody) => admin.createOrganization(body), onSuccess });
}

export interface ChangeOfOrganization {
  readonly id: string;
  readonly change: OrganizationChange;
}

export function useChangeOrganization() {
  const admin = useDarkroomAdmin();
  const onSuccess = useRefresh(queryKey);
  return useMutation({
    mutationFn: ({ id, change }: ChangeOfOrganization) => admin.changeOrganization(id, change),
    onSuccess,
  });
}

export interface OrganizationAction {
  readonly id: string;
  readonly verb: 'suspend' | 'resume' | 'remove';
}

export function useOrganizationAction() {
  const admin = useDarkroomAdmin();
  const onSettled = useRefresh(queryKey);
  return useMutation({
    mutationFn: async ({ id, verb }: OrganizationAction): Promise<void> => {
      if (verb === 'suspend') await admin.suspendOrganization(id);
      else if (verb === 'resume') await admin.resumeOrganization(id);
      else await admin.removeOrganization(id);
    },
    onSettled,
  });
}
