import type { Config } from '../config/load-config.ts';
import { hintWrites } from '../events/hint-writes.ts';
import { createNotifier } from '../events/notifier.ts';
import { createWebhookSecrets } from '../events/webhooks/webhook-secrets.ts';
import { createWebhookSender, type WebhookSender } from '../events/webhooks/webhook-sender.ts';
import { createWebhookRules } from '../events/webhooks/webhook-url.ts';
import { assertSharpRuns } from '../media/codec/load-sharp.ts';
import type { MediaStore } from '../media/media-store.ts';
import { Proxies } from '../outbound/proxies.ts';
import { systemChance } from '../platform/chance.ts';
import type { Clock } from '../platform/clock.ts';
import type { DamageCount } from '../platform/damage.ts';
import { createHeadroom } from '../platform/headroom.ts';
import { createSecret } from '../platform/ids.ts';
import type { Logger } from '../platform/logger.ts';
import { prepareSpool, toSpoolRoot } from '../recovery/spool.ts';
import type { Store } from '../store/store.ts';
import { watchWork } from '../store/watch-work.ts';
import { toToldRecord } from '../wires/queue/records/request-record.ts';
import { composeModels } from './catalogue.ts';
import { composeTelemetry } from './telemetry.ts';
import { createWebhookBodies } from './webhook-bodies.ts';

interface GroundOptions {
  readonly store: Store;
  readonly media: MediaStore;
  /** Called when an address is needed: a server that listens on any free port knows it late. */
  readonly publicUrl: () => string;
  readonly clock: Clock;
  /** For times that others compare with their own clocks. */
  readonly machine: Clock;
  readonly damage: DamageCount;
  readonly logger: Logger;
}

export type Ground = Awaited<ReturnType<typeof composeGround>>;

/** What the API and the worker share. `requests` is the store to use: its writes hint, and are watched. */
export async function composeGround(config: Config, options: GroundOptions) {
  await assertSharpRuns();
  const { store, media, publicUrl, clock, machine, damage, logger } = options;
  const models = composeModels(config);
  const telemetry = await composeTelemetry(config, { store, models, damage, clock, logger });
  const notifier = createNotifier(store.hints);
  const { organizations, upstreams, webhooks, batchJobs, requests: hinting } = hintWrites(telemetry.store, notifier);
  const work = watchWork(hinting, clock);
  const requests = work.store;
  const { dataDir, minFreeDiskBytes, minFreeMemoryBytes } = config;
  const spool = await prepareSpool(toSpoolRoot(dataDir), { store: requests, media, clock, logger });
  const headroom = createHeadroom({ folder: dataDir, minFreeDiskBytes, minFreeMemoryBytes, clock, logger });
  const webhookSecrets = createWebhookSecrets(await store.keys.ensureSecret('webhook', createSecret(256)));
  const proxies = new Proxies(config.proxies);
  const webhookRules = createWebhookRules(config.allowPrivateHosts, { proxies });
  const webhookSender: WebhookSender = createWebhookSender({
    store: requests,
    webhooks,
    webhookSecrets,
    webhookRules,
    toRecordText: (request) => toToldRecord(request, { publicUrl: publicUrl(), media }),
    toOwnBody: createWebhookBodies({ store: requests, media, publicUrl }),
    traceTry: telemetry.traceTry,
    notifier,
    clock,
    machine,
    chance: systemChance,
    logger,
  });
  return {
    store,
    media,
    publicUrl,
    clock,
    machine,
    damage,
    logger,
    models,
    telemetry,
    requests,
    checkWork: work.check,
    notifier,
    spool,
    spoolFolder: spool.folder,
    headroom,
    organizations,
    upstreams,
    webhooks,
    batchJobs,
    webhookSecrets,
    webhookRules,
    webhookSender,
    proxies,
  };
}
