import type { KeyRecord, NewKeyRecord } from '@darkroom/protocol';
import { toSeconds, toSecondsOrNull } from '../../platform/unix-time.ts';
import type { ApiKey } from '../../store/key-store.ts';

/** Everything about a key except its hash. */
export function toKeyRecord(key: ApiKey): KeyRecord {
  const { id, name, organizationIds, scopes, limits, cancelWhenGone, modelIds, createdAt, oldSecret, person } = key;
  return {
    id,
    name,
    organization_ids: [...organizationIds],
    scopes: [...scopes],
    is_admin: scopes.includes('admin'),
    requests_per_minute: limits.requests_per_minute ?? null,
    limits,
    cancel_when_gone: cancelWhenGone,
    model_ids: modelIds ? [...modelIds] : null,
    created_at: toSeconds(createdAt),
    expires_at: toSecondsOrNull(key.expiresAt),
    revoked_at: toSecondsOrNull(key.revokedAt),
    last_used_at: toSecondsOrNull(key.lastUsedAt),
    old_text_until: toSecondsOrNull(oldSecret?.until),
    person: person ? { ...person, roles: { ...person.roles } } : null,
  };
}

export function toNewKeyRecord(key: ApiKey, text: string): NewKeyRecord {
  return { ...toKeyRecord(key), api_key: text };
}
