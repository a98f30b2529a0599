import type { Config } from '../config/load-config.ts';
import { every, sandboxUpstream } from '../core/upstreams.ts';
import type { UpstreamStore } from '../store/upstream-store.ts';

/**
 * Whoever has paid for pictures does not want drawings because a key was forgotten once. So a store remembers that an
 * upstream which costs money has served it, and from then on the sandbox draws there only when it is asked to by name.
 * Rejects with a sentence when it is not.
 */
export async function admitUpstreams(
  { upstreams, role }: Pick<Config, 'upstreams' | 'role'>,
  store: UpstreamStore,
  now: number,
): Promise<void> {
  const real = upstreams.flatMap((upstream) => (upstream.kind === 'google' ? upstream.name : []));
  if (real.length > 0) return store.remember(real, now);
  // It takes requests and calls nobody.
  if (role === 'api') return;
  if (!(await store.isReal())) return;
  if (!upstreams.some((upstream) => upstream.kind === 'sandbox' && upstream.isChosen)) throw new Error(refusal);
  await store.release({ upstream: sandboxUpstream, model: every });
}

const refusal =
  'This Darkroom has worked with a Google key, and none is set now: the sandbox would answer its requests with drawings. ' +
  'Set GEMINI_API_KEY (or DARKROOM_UPSTREAMS) to go on with Google, or DARKROOM_UPSTREAM=sandbox (--upstream sandbox) to have the sandbox draw.';
