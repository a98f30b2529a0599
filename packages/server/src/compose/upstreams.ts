import { createSandboxServer, type Illustrate, type SandboxServer, type SandboxServerOptions } from '@darkroom/sandbox';
import type { Config } from '../config/load-config.ts';
import type { UpstreamConfig } from '../config/upstreams.ts';
import { listUpstreamIds } from '../models/registry.ts';
import { type Clock, systemClock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { toService } from '../platform/services.ts';
import { GoogleImageModel } from '../providers/google/google-image-model.ts';
import { composeModels } from './models.ts';

interface Around {
  readonly spoolFolder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Left out, the sandbox's own artist draws. */
  readonly illustrate?: Illustrate;
}

/** Who makes the pictures, and what has to run for that. */
export function composeUpstreams(config: Config, around: Around) {
  const members = config.upstreams.map((upstream) => {
    const { name, limits } = upstream;
    const { model, services } = composeUpstream(upstream, { ...around, apiVersion: config.geminiApiVersion });
    return { member: { name, limits, model }, services };
  });
  return { pool: members.map(({ member }) => member), services: members.flatMap(({ services }) => services) };
}

/** The image model of one upstream: Google's, or the same client talking to the sandbox of this process. */
function composeUpstream(
  upstream: UpstreamConfig,
  { apiVersion, spoolFolder, clock, logger, illustrate }: Around & { readonly apiVersion: string },
) {
  if (upstream.kind === 'google') {
    const { apiKey, baseUrl } = upstream;
    const model = new GoogleImageModel({ apiKey, baseUrl, apiVersion, clock });
    return { model, services: [toService(() => model.close())] };
  }
  const own = { spoolFolder, logger, ...(illustrate && { illustrate }) };
  const sandbox = composeSandbox({ host: '127.0.0.1', port: 0, ...own });
  const model = new GoogleImageModel({
    // Read at every call: the sandbox knows its port only once it listens.
    get baseUrl() {
      return sandbox.url;
    },
    apiKey: 'key-of-the-built-in-sandbox',
    apiVersion,
    clock,
  });
  return { model, services: [sandbox, toService(() => model.close())] };
}

/** The sandbox alone. `spoolFolder` must exist. */
export function composeSandbox(options: SandboxServerOptions): SandboxServer {
  return createSandboxServer(options);
}

/** Resolves to a sentence about what is well with the upstream, or rejects with one. */
export async function checkUpstream(
  upstream: UpstreamConfig,
  { geminiApiVersion: apiVersion }: Config,
): Promise<string> {
  if (upstream.kind === 'sandbox')
    return upstream.isChosen
      ? 'the sandbox draws, as it was asked to'
      : 'the sandbox draws; with GEMINI_API_KEY pictures come from Google';
  const { apiKey, baseUrl } = upstream;
  const model = new GoogleImageModel({ apiKey, baseUrl, apiVersion, clock: systemClock });
  try {
    const ids = listUpstreamIds(composeModels());
    for (const id of ids) {
      const check = await model.check(id, AbortSignal.timeout(10_000));
      if (check.kind === 'failed') throw new Error(`${id}: ${check.failure.message}`);
    }
    return `${baseUrl} takes the key and has ${ids.join(' and ')}`;
  } finally {
    await model.close();
  }
}
