import { groupDigits } from '@darkroom/protocol';
import { type OneLimit, type OwnLimits, toLimits, toSubject } from '../core/limits.ts';
import { Problem } from '../core/problem.ts';
import type { OrganizationStore } from '../store/organization-store.ts';
import type { UploadOwner } from '../store/upload-store.ts';

/**
 * Rejects with a `Problem` when the owner may not store so many bytes more. Nothing is read while neither the key nor its
 * organization has a limit. What is stored meanwhile is not foreseen: the pictures of requests that were accepted are stored in
 * any case.
 */
export type AssertStorageRoom = (owner: UploadOwner, limits: OwnLimits, bytes: number) => Promise<void>;

export function createStorageRoom(organizations: Pick<OrganizationStore, 'stored'>): AssertStorageRoom {
  return async (owner, own, bytes) => {
    const limits = toLimits('stored_bytes', own);
    if (limits.length === 0) return;
    const { ofKey, ofOrganization } = await organizations.stored(owner);
    for (const limit of limits) {
      const stored = limit.of === 'key' ? ofKey : ofOrganization;
      if (stored + bytes > limit.value) throw toProblem(limit, stored);
    }
  };
}

function toProblem(limit: OneLimit, stored: number): Problem {
  return new Problem(
    'storage_full',
    `${toSubject(limit)} may have ${groupDigits(limit.value)} bytes of stored pictures and has ${groupDigits(stored)}: there is room again when some of them have been removed.`,
    { limit: { name: 'stored_bytes', ...limit } },
  );
}
