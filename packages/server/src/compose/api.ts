import type { FastifyInstance } from 'fastify';
import { createAdmin } from '../admin/admin.ts';
import type { Config } from '../config/load-config.ts';
import { createEventHub, type EventHub } from '../events/event-hub.ts';
import { ownSigner } from '../events/webhooks/webhook-secrets.ts';
import { type AppOptions, createApp } from '../http/app.ts';
import { createHealthApp } from '../http/health-app.ts';
import type { HealthOptions } from '../http/routes/health.ts';
import { createSessionAccess } from '../http/sessions.ts';
import { shareChecks } from '../http/share-checks.ts';
import { createUploadAddresses, type GrantUploadAddress, type UploadAddressOptions } from '../http/upload-addresses.ts';
import { createIntake, type Intake } from '../intake/intake.ts';
import { createKeyUse } from '../keys/key-use.ts';
import { createFindOwnLimits } from '../keys/own-limits.ts';
import { PictureLosses } from '../media/picture-losses.ts';
import { createStorageRoom } from '../media/storage-room.ts';
import { Thumbnails } from '../media/thumbnails.ts';
import type { UploadOptions } from '../media/uploads.ts';
import type { ModelRegistry } from '../models/registry.ts';
import { createSecret } from '../platform/ids.ts';
import type { Service } from '../platform/service.ts';
import { toService } from '../platform/services.ts';
import { createChatWire } from '../wires/chat/chat-wire.ts';
import { createFalWire } from '../wires/fal/fal-wire.ts';
import { createGatewayWire } from '../wires/gateway/gateway-wire.ts';
import { createGeminiWire } from '../wires/gemini/gemini-wire.ts';
import { createInteractionsWire } from '../wires/interactions/interactions-wire.ts';
import { createMcpWire } from '../wires/mcp/mcp-wire.ts';
import { createOpenAiWire } from '../wires/openai/openai-wire.ts';
import { createQueueWire } from '../wires/queue/queue-wire.ts';
import { toRecordChunks } from '../wires/queue/records/request-record.ts';
import { createReplicateWire } from '../wires/replicate/replicate-wire.ts';
import { createResponsesWire } from '../wires/responses/responses-wire.ts';
import type { Wire, WirePorts } from '../wires/wire.ts';
import type { Ground } from './ground.ts';
import { composeOpenId, composeSessions } from './people.ts';
import { toUpstream } from './upstreams.ts';

interface Api {
  readonly app: FastifyInstance;
  /** Must run while the app listens, and stop before it: an app with open streams would never close. */
  readonly services: readonly Service[];
}

/** The part that answers callers. */
export async function composeApi(config: Config, ground: Ground, signIn: AppOptions['signIn']): Promise<Api> {
  const { store, requests, notifier, models, media, headroom, spoolFolder, publicUrl, clock, damage, logger } = ground;
  const { keys, events } = store;
  const { keepAliveMs } = config;
  const hub = createEventHub({ events, requests, notifier, clock, logger });
  const intake = composeIntake(config, ground, hub);
  const losses = new PictureLosses({ media, store: requests, removals: store.removals, damage, clock });
  const thumbnails = new Thumbnails({ media, losses, folder: spoolFolder });
  const uploads: UploadAddressOptions = {
    ...toUploadOptions(config, ground),
    uploadSecret: await keys.ensureSecret('upload', createSecret(256)),
    publicUrl,
  };
  const ports: MostPorts = {
    intake,
    models,
    media,
    losses,
    publicUrl,
    keepAliveMs,
    clock,
    logger,
    hub,
    thumbnails,
    uploadSecret: uploads.uploadSecret,
    grantUploadAddress: createUploadAddresses(uploads),
  };
  const sessions = composeSessions(config, ground);
  const openId = await composeOpenId(config, ground, sessions);
  const app = await createApp({
    wires: composeWires(config, ground, ports),
    admin: composeAdmin(config, ground, intake),
    authentication: {
      keys,
      organizations: ground.organizations,
      keyUse: createKeyUse({ keys, logger }),
      configuredKey: config.apiKey,
      sessions: createSessionAccess(sessions, publicUrl),
      clock,
    },
    trustedProxies: config.trustedProxies,
    corsOrigins: config.corsOrigins,
    gates: { headroom, requestsPerMinute: config.requestsPerMinute, maxStreams: config.maxStreams, clock },
    signIn,
    openId,
    me: { isSandbox: config.upstreams.every(({ kind }) => kind === 'sandbox') },
    uploads: { ...uploads, uploadsPerMinute: config.uploadsPerMinute, headroom, deleteUpload: intake.deleteUpload },
    media: { media, losses, thumbnails },
    console: { publicUrl, media },
    health: toHealth(ground),
    metrics: ground.telemetry.metricsSource,
    callObserver: ground.telemetry.callObserver,
    logger,
  });
  return { app, services: [hub, ...(openId ? [toService(() => openId.close())] : [])] };
}

/** The dialects that callers may speak: a line for each. */
function composeWires(config: Config, ground: Ground, ports: MostPorts): readonly Wire[] {
  const { store, requests, webhooks, webhookSecrets, webhookSender, webhookRules, clock } = ground;
  const { events, budgets } = store;
  const { maxEndpoints, corsOrigins } = config;
  const calls = { webhooks, webhookSecrets, webhookSender, webhookRules, maxEndpoints, clock };
  const findWebhookSecret = async (organizationId: string) =>
    webhookSecrets.current(await ownSigner(organizationId, webhooks));
  return [
    createQueueWire({ ...ports, store: requests, events, budgets, webhooks: calls }),
    createOpenAiWire(ports),
    createGeminiWire({ ...ports, spoolFolder: ground.spoolFolder }),
    createInteractionsWire(ports),
    createChatWire(ports),
    createResponsesWire(ports),
    createGatewayWire(ports),
    createMcpWire({ ...ports, store: requests, budgets, corsOrigins }),
    createFalWire({ ...ports, store: requests }),
    createReplicateWire({ ...ports, store: requests, findWebhookSecret }),
  ];
}

/** With what only some wires ask for. */
interface MostPorts extends WirePorts {
  readonly hub: EventHub;
  readonly uploadSecret: string;
  readonly grantUploadAddress: GrantUploadAddress;
  readonly thumbnails: Thumbnails;
}

function composeIntake(config: Config, ground: Ground, hub: EventHub): Intake {
  const { store, requests, models, upstreams, media, spoolFolder, headroom, webhookRules, clock, logger } = ground;
  return createIntake({
    store: requests,
    openCalls: store.openCalls,
    removals: store.removals,
    models,
    inline: { media, spoolFolder, headroom, assertStorageRoom: createStorageRoom(store.organizations), logger },
    maxQueued: config.maxQueued,
    webhookRules,
    hub,
    queue: { upstreams, events: store.events, pool: toPool(config, models) },
    uploads: toUploadOptions(config, ground),
    deletions: { webhooks: ground.webhooks, audit: store.audit, media, tombstoneMs: config.retainTombstonesMs, logger },
    clock,
  });
}

function toUploadOptions(config: Config, { store, media, spoolFolder, headroom, clock }: Ground): UploadOptions {
  const { maxUnusedUploadBytes, unusedUploadMs } = config;
  return {
    media,
    uploads: store.uploads,
    findOwnLimits: createFindOwnLimits(store),
    assertStorageRoom: createStorageRoom(store.organizations),
    maxUnusedUploadBytes,
    unusedUploadMs,
    spoolFolder,
    headroom,
    clock,
  };
}

function composeAdmin(config: Config, ground: Ground, intake: Intake): AppOptions['admin'] {
  const { store, requests, models, organizations, upstreams, batchJobs, media, publicUrl, clock } = ground;
  const { budgets, keys, sessions, events } = store;
  return createAdmin({
    intake,
    store: requests,
    toRecordChunks: (request) => toRecordChunks(request, { publicUrl: publicUrl(), media, placeOf: intake.placeOf }),
    upstreams,
    pool: toPool(config, models),
    models,
    budgets,
    keys,
    sessions,
    organizations,
    events,
    batchJobs,
    audit: store.audit,
    clock,
  });
}

/** The upstreams without their keys: nobody is called from here. */
function toPool({ upstreams }: Config, models: ModelRegistry) {
  return upstreams.map((upstream) => toUpstream(upstream, models));
}

/** A worker answers no callers; its port is for those who watch over it. */
export async function composeHealthApi({ apiKey }: Config, ground: Ground): Promise<Api> {
  const { store, telemetry, clock, logger } = ground;
  const { keys, organizations } = store;
  const app = await createHealthApp({
    health: toHealth(ground),
    metrics: telemetry.metricsSource,
    authentication: { keys, organizations, configuredKey: apiKey, keyUse: createKeyUse({ keys, logger }), clock },
    logger,
  });
  return { app, services: [] };
}

/** A check of the storage writes, reads and removes there: several calls of a bucket, which probes by the second must not cost. */
const storageCheckMs = 10_000;

function toHealth({ requests, checkWork, media, damage, clock }: Ground): HealthOptions {
  return {
    checks: {
      store: () => requests.check(),
      work: checkWork,
      media: shareChecks(() => media.check(), { forMs: storageCheckMs, clock }),
    },
    damage: () => damage.read(),
  };
}
