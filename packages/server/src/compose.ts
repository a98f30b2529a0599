import { mkdir } from 'node:fs/promises';
import { admitUpstreams } from './compose/admit-upstreams.ts';
import { composeApi, composeHealthApi } from './compose/api.ts';
import { composeGround, type Ground } from './compose/ground.ts';
import { createListener, type Listener } from './compose/listener.ts';
import { composeMetricsPort } from './compose/metrics-port.ts';
import { noteSettings } from './compose/note-settings.ts';
import type { Parts } from './compose/parts.ts';
import { createServiceTime } from './compose/service-time.ts';
import { openMedia } from './compose/storage.ts';
import { openStore } from './compose/store.ts';
import { assertServable } from './compose/upstreams.ts';
import { composeWorker } from './compose/worker.ts';
import type { Config } from './config/load-config.ts';
import type { By } from './core/audit.ts';
import { every } from './core/upstreams.ts';
import { ensureFirstKey } from './keys/api-keys.ts';
import { createSignIn } from './keys/sign-in.ts';
import type { StorageDriver } from './media/storage-driver.ts';
import { systemClock } from './platform/clock.ts';
import { DamageCount } from './platform/damage.ts';
import { isDiskFull } from './platform/disk-full.ts';
import type { Logger } from './platform/logger.ts';
import type { Service } from './platform/service.ts';
import { combineServices, toService } from './platform/services.ts';
import type { Store } from './store/store.ts';

export { createLogger } from './platform/logger.ts';

/** A Darkroom in one process, or the part of one that its role asks for. */
export interface Server extends Service {
  /** `http://host:port` where it listens, once it has started. */
  readonly url: string;
  /** The first API key, when this server has made it: nothing else will ever tell it but its file. */
  readonly firstKey: string | undefined;
  /** A fresh code of a sign-in link to the console: good for one use within an hour. The one before is worth nothing then. */
  issueSignInCode(): string;
  /** Pauses every upstream of the settings, so that nothing is claimed until an operator resumes one; the audit log says who did. Call it before `start`. */
  hold(by: By): Promise<void>;
  /** Makes a `stop` that is under way give back the work it still waits for. */
  handBack(): void;
}

/**
 * Concrete classes are made and wired here and in the files of `compose/`, and nowhere else. Everything is opened first; then
 * the services start in their order and stop in reverse: sandbox, worker, port.
 */
export async function composeServer(config: Config, logger: Logger, parts: Parts = {}): Promise<Server> {
  assertServable(config);
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const damage = new DamageCount(logger);
  const store = await openStore(config, logger, damage);
  try {
    return await composeAround(store, config, { logger, parts, damage });
  } catch (error) {
    await store.close();
    throw error;
  }
}

interface Around {
  readonly logger: Logger;
  readonly parts: Parts;
  readonly damage: DamageCount;
}

async function composeAround(store: Store, config: Config, { logger, parts, damage }: Around): Promise<Server> {
  const { clock: machine = systemClock, wrapDriver } = parts;
  const clock = await createServiceTime({ store, dataDir: config.dataDir, machine, logger });
  await admitUpstreams(config, store.upstreams, clock.now());
  const firstKey =
    config.apiKey === undefined && config.role !== 'worker'
      ? await ensureFirstKey(store.keys, config.dataDir, clock.now())
      : undefined;
  await noteSettings(config, { audit: store.audit, clock, logger });
  const media = openMedia(config, wrapDriver);
  await checkMedia(media, logger);
  let listener: Listener | undefined;
  const toUrl = () => listener?.url ?? '';
  const publicUrl = () => config.publicUrl ?? toUrl();
  const ground = await composeGround(config, { store, media, publicUrl, clock, machine, damage, logger });
  const signIn = createSignIn({ keys: store.keys, audit: store.audit, clock });
  const api =
    config.role === 'worker' ? await composeHealthApi(config, ground) : await composeApi(config, ground, signIn);
  const worker = config.role === 'api' ? undefined : await composeWorker(config, ground, parts);
  listener = createListener(api.app, config);
  return {
    ...combineServices([
      ...toFoundations(ground),
      ...ground.telemetry.services,
      ...composeMetricsPort(config, ground),
      ...(worker?.services ?? []),
      listener,
      // After the port: what it sends holds the address that it listens on.
      ...(worker ? [ground.webhookSender] : []),
      ...api.services,
    ]),
    get url() {
      return toUrl();
    },
    firstKey,
    issueSignInCode: signIn.issue,
    hold: async (by) => {
      for (const { name } of config.upstreams) await store.upstreams.hold({ upstream: name, model: every }, by.at, by);
    },
    handBack: () => worker?.worker.handBack(),
  };
}

/** A full disk keeps nobody from starting: what is there can be read, new work is refused, and `/readyz` says why. */
async function checkMedia(media: Pick<StorageDriver, 'check'>, logger: Logger): Promise<void> {
  try {
    await media.check();
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    logger.error({ event: 'media.full', err: error });
  }
}

/** They stop last. */
function toFoundations({ store, spool, headroom }: Ground): readonly Service[] {
  return [toService(() => store.close()), spool, headroom];
}
