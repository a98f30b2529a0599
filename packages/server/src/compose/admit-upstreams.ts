import type { Config } from '../config/load-config.ts';
import { every, sandboxUpstream } from '../core/upstreams.ts';
import type { UpstreamStore } from '../store/upstream-store.ts';

type Admitted = Pick<Config, 'upstreams' | 'role'>;

/**
 * Whoever has paid for pictures does not want drawings because a key was forgotten once. So a store remembers that an
 * upstream which costs money has served it, and from then on the sandbox draws there only when it is asked to by name.
 * Rejects with a sentence when it is not.
 */
export async function admitUpstreams(config: Admitted, store: UpstreamStore, now: number): Promise<void> {
  const real = config.upstreams.flatMap(({ kind, name }) => (kind === 'account' ? name : []));
  if (real.length > 0) return store.remember(real, now);
  await assertAdmitted(config, store);
  if (config.role !== 'api' && (await store.isReal())) await store.release({ upstream: sandboxUpstream, model: every });
}

/** Rejects as `admitUpstreams` does, and changes nothing. */
export async function assertAdmitted({ upstreams, role }: Admitted, store: UpstreamStore): Promise<void> {
  // An API takes requests and calls nobody.
  if (role === 'api' || upstreams.some((upstream) => upstream.kind === 'account' || upstream.isChosen)) return;
  if (await store.isReal()) throw new Error(refusal);
}

const refusal =
  'This Darkroom has used a Google key before, but none is set now, so the sandbox would answer its requests with drawings. ' +
  'Set GEMINI_API_KEY (or DARKROOM_UPSTREAMS) to continue with Google, or DARKROOM_UPSTREAM=sandbox (--upstream sandbox) to have the sandbox draw.';
