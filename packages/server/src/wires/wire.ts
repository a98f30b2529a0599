import type { Mount } from '../http/mount.ts';
import type { Intake } from '../intake/intake.ts';
import type { MediaStore } from '../media/media-store.ts';
import type { PictureLosses } from '../media/picture-losses.ts';
import type { ModelRegistry } from '../models/registry.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';

/**
 * Wires. A wire is a dialect of callers: one folder, which exports one factory of a `Wire`. It parses its own dialect into a call
 * of `intake/`, writes the record in its own format, has its own error format, and owns its part of the OpenAPI document. No wire
 * imports another. A line in `compose/api.ts` adds a wire to the service; without that line and the folder, the wire is gone from
 * the service and from the document.
 */
export type Wire = Omit<Mount, 'isForAdmins'>;

/** What compose passes to every wire; a wire that needs more asks for it in its own options. */
export interface WirePorts {
  readonly intake: Intake;
  readonly models: ModelRegistry;
  readonly media: MediaStore;
  readonly losses: PictureLosses;
  /** Called when an address is needed: a server that listens on any free port knows it late. */
  readonly publicUrl: () => string;
  /** How long a call may be silent (`createLongCalls`). */
  readonly keepAliveMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}
