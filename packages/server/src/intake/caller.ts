import type { Actor } from '../core/audit.ts';
import type { OwnLimits } from '../core/limits.ts';

/** On whose behalf a use case runs. */
export interface Caller {
  readonly organizationId: string;
  readonly apiKeyId: string;
  /** Who the audit log says it was. Missing: nothing is noted. */
  readonly actor?: Actor;
  /** The public ids of the models that it may submit to; missing: all. */
  readonly modelIds?: readonly string[] | undefined;
  /** Missing: none of its own. */
  readonly limits?: OwnLimits;
  /** The trace that its call belongs to. */
  readonly traceparent?: string | undefined;
}
