import type { Mount } from '../http/mount.ts';

/**
 * The room of the wires. A wire is a dialect in which callers speak: one folder, which exports one factory of a `Wire`. It parses
 * its own dialect into a call of `intake/`, writes the record in its own words, has its own error shape, and owns its part of the
 * OpenAPI document. No wire imports another. A line in `compose/api.ts` adds a wire to the service; without that line and the
 * folder, the wire is gone from the service and from the document.
 */
export type Wire = Omit<Mount, 'isForAdmins'>;
