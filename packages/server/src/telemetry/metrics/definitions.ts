import type { Registry } from './registry.ts';

/** From a second to an hour: pictures take long, and requests may wait. */
const longSeconds = [0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600];
const callSeconds = [1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900];
const fetchSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120];
/** As the conventions advise, which end with 81.92 seconds: a picture may take longer. */
const operationSeconds = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 160, 320, 640,
];
const tokenCounts = Array.from({ length: 14 }, (_, power) => 4 ** power);
const shortSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const genAiLabels = [
  'gen_ai.operation.name',
  'gen_ai.provider.name',
  'gen_ai.request.model',
  'gen_ai.response.model',
  'server.address',
  'server.port',
] as const;

/**
 * Everything that is measured. A name is a promise to dashboards and alerts: it is never renamed. Labels hold names that operators have
 * chosen and words of Darkroom; never ids of requests, prompts or keys.
 */
export function defineMetrics(registry: Registry) {
  return {
    submitted: registry.counter('darkroom_requests_submitted_total', 'Requests that were accepted.', ['model', 'wire']),
    refused: registry.counter('darkroom_submits_refused_total', 'Submits that the queue has refused.', [
      'model',
      'wire',
      'reason',
    ]),
    finished: registry.counter('darkroom_requests_finished_total', 'Requests that have ended.', [
      'model',
      'wire',
      'status',
      'code',
      'blame',
    ]),
    queueWait: registry.histogram(
      'darkroom_queue_wait_seconds',
      'From the submit, or a requeue, to the first attempt.',
      { labels: ['model', 'wire', 'tier'], bounds: longSeconds },
    ),
    requestDuration: registry.histogram(
      'darkroom_request_duration_seconds',
      'From the submit, or a requeue, to the end.',
      { labels: ['model', 'wire', 'tier', 'status'], bounds: longSeconds },
    ),
    pictures: registry.counter('darkroom_pictures_total', 'Pictures of requests that have succeeded.', [
      'model',
      'wire',
      'format',
      'image_size',
    ]),
    pictureBytes: registry.counter('darkroom_picture_bytes_total', 'The bytes of these pictures.', ['model', 'format']),
    cost: registry.counter('darkroom_cost_dollars_total', 'What calls have cost.', [
      'model',
      'upstream',
      'tier',
      'key_alias',
      'organization',
    ]),
    granted: registry.counter('darkroom_calls_granted_total', 'Calls that claims were granted.', ['upstream', 'model']),
    damage: registry.counter(
      'darkroom_damage_met_total',
      'Damaged pages of the database, and lost pictures, that calls have met.',
      ['what'],
    ),
    attempts: registry.counter('darkroom_attempts_total', 'Calls that have ended.', [
      'upstream',
      'model',
      'result',
      'code',
      'billed',
    ]),
    callDuration: registry.histogram(
      'darkroom_upstream_call_duration_seconds',
      'From sending a call to its end; its pictures are stored by then.',
      { labels: ['upstream', 'model', 'tier', 'outcome'], bounds: callSeconds },
    ),
    firstByte: registry.histogram(
      'darkroom_upstream_time_to_first_byte_seconds',
      'From the start of a call to the head of its answer.',
      { labels: ['upstream', 'model'], bounds: callSeconds },
    ),
    // https://github.com/open-telemetry/semantic-conventions-genai, whose metrics are still in development.
    operationDuration: registry.histogram(
      'gen_ai.client.operation.duration',
      'From sending a call to its end. Calls that wait in batch jobs are left out.',
      { labels: [...genAiLabels, 'error.type'], bounds: operationSeconds, unit: 's' },
    ),
    tokenUsage: registry.histogram('gen_ai.client.token.usage', 'Tokens of a call, as the upstream counts them.', {
      labels: [...genAiLabels, 'gen_ai.token.type'],
      bounds: tokenCounts,
      unit: '{token}',
    }),
    referenceFetches: registry.histogram(
      'darkroom_reference_fetch_duration_seconds',
      'Downloads of references, with their repetitions.',
      { labels: ['outcome'], bounds: fetchSeconds },
    ),
    verdicts: registry.counter('darkroom_attempts_settled_total', 'Attempts that have ended, by their verdict.', [
      'model',
      'verdict',
    ]),
    rescues: registry.counter('darkroom_lease_rescues_total', 'Requests that were taken from workers that are gone.'),
    storeOperation: registry.histogram('darkroom_store_operation_seconds', 'Writes to the database, claims included.', {
      labels: ['operation', 'outcome'],
      bounds: shortSeconds,
    }),
    webhookTries: registry.counter('darkroom_webhook_deliveries_total', 'Tries of webhooks.', ['outcome']),
    webhookLag: registry.histogram(
      'darkroom_webhook_lag_seconds',
      'From an event to the answer of the receiver that took it.',
      { bounds: longSeconds },
    ),
    httpDuration: registry.histogram(
      'http_server_request_duration_seconds',
      'Calls of callers, until their answer was sent.',
      { labels: ['method', 'route', 'status'], bounds: [...shortSeconds, 30, 60, 300] },
    ),
    queueDepth: registry.gauge('darkroom_queue_depth', 'Requests that are queued: due (turn), or later (retry).', [
      'model',
      'tier',
      'waiting_for',
    ]),
    queueAge: registry.gauge('darkroom_queue_oldest_age_seconds', 'How long the oldest queued request has waited.', [
      'model',
      'tier',
    ]),
    failedAge: registry.gauge(
      'darkroom_failed_oldest_age_seconds',
      'How long ago the oldest request ended that has failed and was not queued again.',
      ['code'],
    ),
    openCalls: registry.gauge('darkroom_open_calls', 'Calls of callers that stay open: event streams and waits.', [
      'kind',
    ]),
    mediaBytes: registry.gauge('darkroom_media_bytes', 'The bytes of the stored pictures.', ['organization']),
    upstreamState: registry.gauge('darkroom_upstream_state', '0 open, 1 closed by a limit, 2 resting, 3 paused.', [
      'upstream',
      'model',
    ]),
    upstreamRest: registry.gauge('darkroom_upstream_rest_seconds', 'How long it stays closed, as far as is known.', [
      'upstream',
      'model',
    ]),
    callsInFlight: registry.gauge('darkroom_upstream_calls_in_flight', 'Calls granted and not ended.', [
      'upstream',
      'model',
    ]),
    limitUsed: registry.gauge('darkroom_upstream_limit_used_ratio', 'The used part of a limit of the operator.', [
      'upstream',
      'model',
      'limit',
    ]),
    webhookBacklog: registry.gauge(
      'darkroom_webhook_backlog_age_seconds',
      'How long the first delivery that is due has waited to be sent.',
    ),
    budgetUsed: registry.gauge('darkroom_budget_used_ratio', 'The used part of a budget in its current period.', [
      'scope',
      'name',
      'period',
    ]),
    diskFree: registry.gauge('darkroom_disk_free_bytes', "Free space on the data folder's disk."),
    diskReserve: registry.gauge('darkroom_disk_reserve_bytes', 'With less free space, new requests are refused.'),
    memoryAvailable: registry.gauge('darkroom_memory_available_bytes', 'Memory that this process can still get.'),
    memoryResident: registry.gauge('process_resident_memory_bytes', 'Memory of this process.'),
    heapUsed: registry.gauge('nodejs_heap_size_used_bytes', "The used part of the JavaScript heap's memory."),
    cpu: registry.counter('process_cpu_seconds_total', 'CPU time of this process.'),
    startTime: registry.gauge('process_start_time_seconds', 'When this process started, in seconds since 1970.'),
    loopUtilization: registry.gauge(
      'darkroom_event_loop_utilization_ratio',
      'The part of the time since the measurement before in which the event loop was busy.',
    ),
    loopDelay: registry.gauge(
      'darkroom_event_loop_delay_seconds',
      'How late timers were since the measurement before.',
      ['quantile'],
    ),
    build: registry.gauge('darkroom_build_info', '1.', ['version', 'store', 'storage', 'role']),
  };
}

export type Metrics = ReturnType<typeof defineMetrics>;
