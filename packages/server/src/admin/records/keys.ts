import type { KeyRecord, NewKeyRecord } from '@darkroom/protocol';
import { toSeconds, toSecondsOrNull } from '../../platform/unix-time.ts';
import type { ApiKey } from '../../store/key-store.ts';

/** Everything about a key except its hash. */
export function toKeyRecord(key: ApiKey): KeyRecord {
  const { id, name, organizationIds, isAdmin, requestsPerMinute, cancelWhenGone, modelIds, createdAt, revokedAt } = key;
  return {
    id,
    name,
    organization_ids: [...organizationIds],
    is_admin: isAdmin,
    requests_per_minute: requestsPerMinute ?? null,
    cancel_when_gone: cancelWhenGone,
    model_ids: modelIds ? [...modelIds] : null,
    created_at: toSeconds(createdAt),
    revoked_at: toSecondsOrNull(revokedAt),
  };
}

export function toNewKeyRecord(key: ApiKey, text: string): NewKeyRecord {
  return { ...toKeyRecord(key), api_key: text };
}
