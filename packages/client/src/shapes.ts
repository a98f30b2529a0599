// Made by npm run docs from the schemas in packages/protocol. Do not edit.

/** `queued`: waiting for a worker or for a retry. `processing`: a worker has it. `success`, `failed` and `cancelled` are final. */
export type RequestStatus = 'queued' | 'processing' | 'success' | 'failed' | 'cancelled';

export type ServiceTier = 'standard' | 'priority' | 'flex' | 'batch';

export type TierChoice = 'standard' | 'priority' | 'flex' | 'batch' | 'cheapest';

export type UsageGroup = 'day' | 'model' | 'key';

export type WebhookEventName = 'request.queued' | 'request.processing' | 'request.success' | 'request.failed' | 'request.cancelled';

export type DeliveryStatus = 'pending' | 'delivered' | 'failed';

/** The request is stored durably in the queue. */
export interface SubmitReply {
  request_id: string;
  model: string;
  /** `queued`: waiting for a worker or for a retry. `processing`: a worker has it. `success`, `failed` and `cancelled` are final. */
  status: RequestStatus;
  /** Unix time in whole seconds. */
  created_at: number;
  /** Unix time in whole seconds. */
  updated_at: number;
  /** Unix time in whole seconds. */
  queued_at: number;
}

export interface RequestRecord {
  request_id: string;
  org_id: string;
  /** The id of the API key that submitted it. */
  user_id: string;
  model: string;
  /** `queued`: waiting for a worker or for a retry. `processing`: a worker has it. `success`, `failed` and `cancelled` are final. */
  status: RequestStatus;
  is_public: boolean;
  /** The payload exactly as it was sent. */
  payload: Record<string, unknown>;
  outcome: SuccessOutcomeRecord | FailureOutcomeRecord | null;
  /** Unix time in whole seconds. */
  created_at: number;
  /** Unix time in whole seconds. */
  updated_at: number;
  /** Unix time in whole seconds. */
  queued_at: number;
  /** Only when failed: the same as `outcome.error.message`. */
  error?: string | undefined;
  /** Only when failed: the same as `error`. */
  reason?: string | undefined;
  /** Only when succeeded: facts about the pictures, in the order of `outcome.media_urls`. */
  media?: MediaRecord[] | undefined;
  /** The cost that was expected when the request was submitted, in dollars. */
  estimated_cost_usd: number;
  /** What its calls have cost so far, in dollars. Calls to the sandbox cost nothing. */
  cost_usd: number;
  priority: number;
  /** Unix time in whole seconds. */
  deadline_at: number;
  /** Given when the submit said how long to keep the request. */
  retain_seconds?: number | undefined;
  /** Given when the request has ended and `retain_seconds` is given: when it is deleted. */
  expires_at?: number | undefined;
  /** The service tier that the submit asked for. */
  service_tier?: TierChoice | undefined;
  /** The wire that it came by: `queue`, or the wire of another API. */
  wire: string;
  /** Given when no other model may make the picture. */
  fallback?: false | undefined;
  queue?: QueueRecord | undefined;
  [key: string]: unknown;
}

/** Newest first. */
export interface RequestList {
  requests: RequestRecord[];
  /** How many requests match `model` and `status`; `text` and dates are not considered. */
  total: number;
  has_more: boolean;
  /** Only when there are more. */
  next_cursor?: string | undefined;
}

/** What is left of a request that was deleted. */
export interface DeletedRequest {
  request_id: string;
  model: string;
  /** How it had ended. */
  status: 'queued' | 'processing' | 'success' | 'failed' | 'cancelled';
  wire: string;
  /** Unix time in whole seconds. */
  created_at: number;
  /** Unix time in whole seconds. */
  updated_at: number;
  cost_usd: number;
  /** Unix time in whole seconds. */
  deleted_at: number;
}

/** Only when queued: the position of the request and why it is not being worked on. */
export interface QueueRecord {
  /** How many requests are served before this one in the fair order: exact up to 1,000, an estimate beyond. `null`: the request is not due. */
  position: number | null;
  /** An estimate from the recent speed, in Unix seconds; `null` when nothing was measured. */
  estimated_start_at: number | null;
  /** `turn`: other requests come first. `retry`: the next attempt is not due. `upstream`: the upstream is resting. `limit`: the upstream is at its limits. `operator`: paused by an operator. */
  waiting_for: 'turn' | 'retry' | 'upstream' | 'limit' | 'operator';
  message: string;
  /** When the wait may be over, in Unix seconds, if known. */
  until?: number | undefined;
}

export interface SuccessOutcomeRecord {
  media_urls: MediaUrl[];
  /** To continue the conversation, copy this into `payload.contents` of the next request and fill in its last turn. */
  next_turn_contents: ContentsTurn[];
  text?: string | undefined;
  grounding?: {
    /** What was searched for. The upstream charges for each search. */
    queries: string[];
    sources: Array<{
      url: string;
      title?: string | undefined;
    }>;
    /** The search suggestions as HTML, which Google wants shown with the picture. It is text from outside: show it in a sandboxed frame, or show `queries` as links. */
    suggestions_html?: string | undefined;
  } | undefined;
  model_version?: string | undefined;
  stand_in?: StandInRecord | undefined;
  usage?: TokenUsageRecord | undefined;
  cost_usd: number;
  /** The indexes of the oldest turns that were not sent, because the whole conversation was too large. */
  left_out_turns?: number[] | undefined;
  /** How many references were scaled down before they were sent, because all together were too large. */
  reduced_references?: number | undefined;
  /** What the moderation of this service flagged and let pass. */
  moderation_flags?: Array<{
    about: 'request' | 'picture';
    reason: string;
  }> | undefined;
  missing?: FailureRecord[] | undefined;
  [key: string]: unknown;
}

export interface FailureOutcomeRecord {
  /** Why there is no picture. */
  error: FailureRecord;
  cost_usd: number;
  [key: string]: unknown;
}

/** Why there is no picture. */
export interface FailureRecord {
  code: string;
  message: string;
  retryable: boolean;
  blame: 'caller' | 'upstream' | 'operator';
  upstream_status?: number | undefined;
  upstream_message?: string | undefined;
  finish_reason?: string | undefined;
  block_reason?: string | undefined;
  model_text?: string | undefined;
  moderation_flag?: string | undefined;
  [key: string]: unknown;
}

/** One picture. It can be read at `url` without a key. */
export interface MediaUrl {
  id: string;
  url: string;
}

/** Facts about the picture of the same `id` in `media_urls`. */
export interface MediaRecord {
  id: string;
  content_type: string;
  width: number;
  height: number;
  bytes: number;
  sha256: string;
  /** Given, and true, when the bytes hold content credentials (C2PA). Pictures that were converted have none; `image_output_format: "original"` keeps those of the model. */
  content_credentials?: boolean | undefined;
  /** The picture as WebP, scaled to at most 512 pixels. It can be read without a key. */
  thumbnail_url: string;
  /** Given when the picture has a different size in pixels than requested, or a flaw. */
  note?: string | undefined;
  /** Given when the picture can no longer be read: with the code `media_lost` when the stored file is missing or cut off, with `media_deleted` when the picture has expired. */
  error?: FailureRecord | undefined;
}

/** The tokens that the model counted. */
export interface TokenUsageRecord {
  prompt_tokens: number;
  image_tokens: number;
  text_tokens: number;
  thought_tokens: number;
  total_tokens: number;
}

/** The model that was called instead of the request’s, and why. */
export interface StandInRecord {
  model: string;
  /** `resting`: every upstream of the request’s model rested or had no quota left. `overloaded`: the upstream refused the call for load. `deadline`: the request’s model had no room, and the deadline was near. */
  reason: 'resting' | 'overloaded' | 'deadline';
}

/** One side of an exchange: what the user asked, or what the model answered. */
export interface ContentsTurn {
  role: 'user' | 'model';
  parts: ContentsPart[];
  [key: string]: unknown;
}

export interface ContentsPart {
  text?: string | undefined;
  fileData?: {
    mimeType?: string | undefined;
    mime_type?: string | undefined;
    fileUri?: string | undefined;
    file_uri?: string | undefined;
    [key: string]: unknown;
  } | undefined;
  file_data?: {
    mimeType?: string | undefined;
    mime_type?: string | undefined;
    fileUri?: string | undefined;
    file_uri?: string | undefined;
    [key: string]: unknown;
  } | undefined;
  inlineData?: {
    mimeType?: string | undefined;
    mime_type?: string | undefined;
    data?: string | undefined;
    [key: string]: unknown;
  } | undefined;
  inline_data?: {
    mimeType?: string | undefined;
    mime_type?: string | undefined;
    data?: string | undefined;
    [key: string]: unknown;
  } | undefined;
  [key: string]: unknown;
}

/** The status of the request changed. */
export interface StatusEventRecord {
  request_id: string;
  /** Unix time in seconds, with milliseconds as decimals. */
  at: number;
  /** `queued`: waiting for a worker or for a retry. `processing`: a worker has it. `success`, `failed` and `cancelled` are final. */
  status: RequestStatus;
  /** `retrying`: an attempt failed and another one follows. `returned`: its worker returned it to the queue, which is nobody’s fault. */
  moment: 'queued' | 'claimed' | 'retrying' | 'returned' | 'succeeded' | 'failed' | 'cancelled';
  /** Claimed: the number of the attempt, from 1. */
  attempt?: number | undefined;
  /** Claimed: the upstream that its calls go to. */
  upstream?: string | undefined;
  /** Claimed: the number of calls. */
  calls?: number | undefined;
  stand_in?: StandInRecord | undefined;
  /** Retrying and failed: the code of the failure. */
  code?: string | undefined;
  /** Retrying and failed: what the code means. */
  message?: string | undefined;
  /** Retrying: not before this time, in Unix seconds. */
  retry_at?: number | undefined;
  /** Succeeded: the number of pictures. */
  pictures?: number | undefined;
}

/** A call was sent to an upstream, or it ended. */
export interface AttemptEventRecord {
  request_id: string;
  /** Unix time in seconds, with milliseconds as decimals. */
  at: number;
  moment: 'sent' | 'answered';
  attempt: number;
  /** Which of the requested pictures, from 0. */
  image: number;
  upstream?: string | undefined;
  result?: 'succeeded' | 'failed' | 'lost' | 'interrupted' | undefined;
  code?: string | undefined;
  message?: string | undefined;
  cost_usd?: number | undefined;
}

/** A webhook was delivered or given up. */
export interface WebhookEventRecord {
  request_id: string;
  /** Unix time in seconds, with milliseconds as decimals. */
  at: number;
  moment: 'called-back';
  /** The host of the address that was called. The rest of the address may be secret. */
  host: string;
  delivered: boolean;
  http_status?: number | undefined;
}

/** An upstream is working on the request. Sent every few seconds. */
export interface ProgressRecord {
  attempt: number;
  elapsed_ms: number;
  /** How long calls took recently; `null` when there were none. */
  typical_ms: number | null;
}

export interface LogLine {
  /** Unix time in seconds, with milliseconds as decimals. */
  at: number;
  kind: 'queued' | 'claimed' | 'sent' | 'answered' | 'waiting' | 'returned' | 'stored' | 'failed' | 'cancelled' | 'called-back';
  /** A sentence. */
  message: string;
  attempt?: number | undefined;
  image?: number | undefined;
  code?: string | undefined;
}

/** Oldest first. */
export interface RequestLog {
  logs: LogLine[];
}

export interface AttemptRecord {
  /** The number of the attempt, from 1. An attempt at several pictures makes one call for each. */
  number: number;
  /** Which of the requested pictures, from 0. */
  image: number;
  upstream: string;
  stand_in?: StandInRecord | undefined;
  /** `null`: under way. `lost`: its worker disappeared. `interrupted`: the worker returned it to the queue when it shut down. */
  result: 'succeeded' | 'failed' | 'lost' | 'interrupted' | null;
  /** Unix time in seconds, with milliseconds as decimals. */
  started_at: number;
  sent_at: number | null;
  ended_at: number | null;
  /** What the upstream charged, in dollars. A call to the sandbox costs nothing. */
  cost_usd: number;
  /** For a call to the sandbox: what the model would have cost for the same number of tokens. */
  would_cost_usd?: number | undefined;
  /** The upstream may have charged for the call, but no answer confirms it. */
  possibly_billed: boolean;
  failure?: FailureRecord | undefined;
  /** The tier that the upstream says it used, by which the call is priced; if left out, it has not said. */
  service_tier?: ServiceTier | undefined;
  /** The batch job in which the call waits, or was made. */
  batch_job?: string | undefined;
  model_version?: string | undefined;
  /** The upstream’s id of its answer. */
  response_id?: string | undefined;
  usage?: TokenUsageRecord | undefined;
  /** The pictures that it brought. They are stored even when the request had already ended, and a requeue uses them. */
  media_urls?: MediaUrl[] | undefined;
}

/** Oldest first. */
export interface AttemptList {
  attempts: AttemptRecord[];
}

/** What the organization has spent, oldest day first. */
export interface UsageReport {
  from: string;
  to: string;
  total: {
    /** Requests that ended this way. A request counts for the day on which it was queued. */
    success: number;
    failed: number;
    cancelled: number;
    /** Pictures that were made, however their requests ended. */
    pictures: number;
    /** What the calls have cost, in dollars. Calls to the sandbox cost nothing. */
    cost_usd: number;
  };
  rows: Array<{
    day?: string | undefined;
    model?: string | undefined;
    /** The id of the API key. */
    user_id?: string | undefined;
    /** Requests that ended this way. A request counts for the day on which it was queued. */
    success: number;
    failed: number;
    cancelled: number;
    /** Pictures that were made, however their requests ended. */
    pictures: number;
    /** What the calls have cost, in dollars. Calls to the sandbox cost nothing. */
    cost_usd: number;
  }>;
}

/** The caller and the service. */
export interface Me {
  api_key_id: string;
  /** The organization that this call was made for. */
  organization_id: string;
  /** All organizations that the key may act for; the first is its default. */
  organization_ids: string[];
  /** What the key may do. */
  scopes: Scope[];
  /** Whether the key may make the operator’s calls. */
  is_admin: boolean;
  /** Whether the sandbox draws the pictures because there is no other upstream. */
  is_sandbox: boolean;
  /** Who is signed in, when the call was made by a session of the console. */
  person?: {
    name: string;
    session_id: string;
  } | undefined;
  /** The version of Darkroom. */
  version: string;
}

export interface ModelList {
  model_ids: string[];
  /** The same models in detail, in the same order. */
  models: ModelDetail[];
}

export interface ModelDetail {
  model: string;
  org_id: string;
  display_name: string;
  brief_description: string;
  /** Markdown. */
  detailed_description: string;
  modalities: {
    input: string[];
    output: string[];
  };
  tags: string[];
  model_type: string;
  delivery_mode: string;
  parameters: ModelParameter[];
  price_info: {
    /** Micro-dollars. */
    price: number;
    pricing_type: string;
    unit: string;
  };
  pricing_details: string;
  prices: ModelPrices;
  /** The models that the operator has named to be called instead when this one cannot be, the first one first; `"fallback": false` forbids it. */
  stand_ins?: string[] | undefined;
  /** The pixels of a picture, by `image_size` and `aspect_ratio`, where the model promises them. */
  pixels: Record<string, Record<string, {
    width: number;
    height: number;
  }>>;
}

export interface ModelParameter {
  name: string;
  display_name: string;
  description: string;
  type: string;
  required: boolean;
  default_value: string | number | null;
  options: string[] | null;
  min_value: number | null;
  max_value: number | null;
}

export interface ModelPrices {
  currency: 'USD';
  /** Of every amount here: 1,000,000 are a dollar. */
  unit: 'micro-dollars';
  /** What each picture made costs, by `image_size`. Its prompt and references are not included. */
  per_image: Record<string, number>;
  /** What each reference picture costs, once for each picture made. */
  per_reference: number;
  /** What calls are charged by: tokens of the prompt with its references, of text that the model writes or thinks, and of pictures made. */
  per_token: {
    prompt: number;
    text: number;
    image: number;
  };
  /** Of each other service tier that the model has: what tokens cost there, as a multiple of these prices. */
  per_tier?: Record<string, number> | undefined;
  /** The month in which the prices were read: `YYYY-MM`. */
  as_of: string;
  /** Where they were read, and what was concluded. */
  source: string;
}

export interface UploadReply {
  /** PUT the bytes here within 15 minutes, without a key. */
  upload_url: string;
  /** Where the picture can then be read. Use it in `payload.image`. */
  public_url: string;
}

/** Why the call was refused. */
export interface ProblemBody {
  /** A sentence that says what is wrong and how to fix it. */
  error: string;
  code: ProblemCode;
  limit?: ReachedLimit | undefined;
  details?: Array<{
    path: string;
    message: string;
  }> | undefined;
}

export interface EndpointRecord {
  id: string;
  url: string;
  events: WebhookEventName[];
  /** Unix time in whole seconds. */
  created_at: number;
  /** Since when its deliveries wait. */
  paused_at: number | null;
  pause_reason: string | null;
  /** How many attempts in a row it did not accept. */
  failures: number;
  failing_since: number | null;
  /** Until when the previous secret also signs. */
  old_secret_until: number | null;
}

export interface NewEndpointRecord {
  id: string;
  url: string;
  events: WebhookEventName[];
  /** Unix time in whole seconds. */
  created_at: number;
  /** Since when its deliveries wait. */
  paused_at: number | null;
  pause_reason: string | null;
  /** How many attempts in a row it did not accept. */
  failures: number;
  failing_since: number | null;
  /** Until when the previous secret also signs. */
  old_secret_until: number | null;
  /** The secret that signs the messages: `whsec_` and base64. */
  secret: string;
}

/** Oldest first. */
export interface EndpointList {
  endpoints: EndpointRecord[];
}

export interface WebhookSecretRecord {
  /** The secret that signs the messages: `whsec_` and base64. */
  secret: string;
  /** Until when the previous secret also signs. */
  old_secret_until: number | null;
}

/** The delivery of one event to one address. */
export interface DeliveryRecord {
  /** The `webhook-id` of the message, the same for every attempt. */
  id: string;
  request_id: string;
  /** `null`: it went to the `webhook_url` of the request. */
  endpoint_id: string | null;
  url: string;
  event: WebhookEventName;
  status: DeliveryStatus;
  tries: number;
  /** Unix time in whole seconds. */
  created_at: number;
  /** While pending: the time of the next attempt. */
  next_at: number | null;
  last_try: {
    /** Unix time in seconds. */
    at: number;
    http_status?: number | undefined;
    /** The first KB of the answer. */
    answer?: string | undefined;
    /** Why it was not accepted. */
    failure?: string | undefined;
  } | null;
}

/** Newest first. */
export interface DeliveryList {
  deliveries: DeliveryRecord[];
  has_more: boolean;
  /** Only when there are more. */
  next_cursor?: string | undefined;
}

/** How the endpoint answered a test message. */
export interface WebhookTestRecord {
  delivered: boolean;
  /** Unix time in seconds. */
  at: number;
  http_status?: number | undefined;
  /** The first KB of the answer. */
  answer?: string | undefined;
  /** Why it was not accepted. */
  failure?: string | undefined;
}

/** Failed requests of all organizations, newest first. */
export interface FailedList {
  requests: RequestRecord[];
  has_more: boolean;
  /** Only when there are more. */
  next_cursor?: string | undefined;
}

export interface RequeueReply {
  requeued: number;
  /** With `request_ids`: those that are neither failed nor cancelled, or do not exist. */
  skipped?: string[] | undefined;
}

export interface UpstreamRecord {
  upstream: string;
  /** The upstream’s own id of the model. */
  model: string;
  /** Whether a call can be made at this moment. */
  is_open: boolean;
  /** Whether only a single call may be made, to see if the upstream works again. */
  is_probed: boolean;
  /** Why it is closed; `null` when it is open. */
  reason: 'operator' | 'upstream' | 'limit' | null;
  message: string | null;
  /** When it may open again, in Unix seconds, if known. */
  until: number | null;
  /** Calls under way at this moment. */
  under_way: number;
  /** Calls in the last 60 seconds. */
  last_minute: number;
  /** Those of them that have made a picture, or may. */
  last_minute_images: number;
  last_ten_minutes_usd: number;
  /** The most calls to make at the same time, adapted to what the upstream recently handled; `null`: no limit. */
  concurrency: number | null;
  limits: {
    concurrency?: number | undefined;
    requests_per_minute?: number | undefined;
    images_per_minute?: number | undefined;
    requests_per_day?: number | undefined;
    usd_per_ten_minutes?: number | undefined;
  };
}

export interface UpstreamList {
  upstreams: UpstreamRecord[];
}

export interface BatchJobRecord {
  id: string;
  upstream: string;
  /** The upstream’s own id of the model. */
  model: string;
  /** `begun`: written here, and perhaps sent. `pending` and `running`: as the upstream says. The others have ended; `missing`: the upstream does not have it. */
  state: 'begun' | 'pending' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'expired' | 'missing';
  /** How many calls it was begun with. */
  calls: number;
  /** How many of them have not ended. */
  open: number;
  /** The upstream’s name of it, once that is known. */
  upstream_name: string | null;
  /** Unix time in seconds, with milliseconds as decimals. */
  created_at: number;
  /** When the upstream was asked to cancel it. */
  cancelled_at: number | null;
  ended_at: number | null;
  /** What was wrong when it was looked at last. */
  message: string | null;
}

/** Newest first: those that have not ended, and the last of the others. */
export interface BatchJobList {
  batch_jobs: BatchJobRecord[];
}

export interface BudgetRecord {
  scope: 'key' | 'organization';
  id: string;
  period: 'day' | 'month';
  limit_usd: number;
  /** What the requests of the current period (UTC) have cost, plus what those under way may cost. */
  used_usd: number;
}

export interface BudgetList {
  budgets: BudgetRecord[];
}

/** Limits of its own. Those that are missing are the limits of the service. */
export interface Limits {
  /** Bytes of the pictures in the storage: those that were made and those that were sent. A new request or upload is refused while they are as many; the pictures of requests that were accepted before are still stored. */
  stored_bytes?: number | null | undefined;
  /** Bytes of uploads that no request has used yet. */
  unused_upload_bytes?: number | null | undefined;
  /** Upload addresses in any 60 seconds. */
  uploads_per_minute?: number | null | undefined;
  /** Submits in any 60 seconds. */
  requests_per_minute?: number | null | undefined;
  /** Bytes of the bodies of calls in any 60 seconds. A body whose length is not announced counts as the largest that the call may have. */
  body_bytes_per_minute?: number | null | undefined;
  /** Event streams and waiting calls that are open at the same time, in each process. */
  open_streams?: number | null | undefined;
  /** Requests that are queued at the same time. */
  queued_requests?: number | null | undefined;
}

export interface LimitsBody {
  /** Bytes of the pictures in the storage: those that were made and those that were sent. A new request or upload is refused while they are as many; the pictures of requests that were accepted before are still stored. */
  stored_bytes?: number | null | undefined;
  /** Bytes of uploads that no request has used yet. */
  unused_upload_bytes?: number | null | undefined;
  /** Upload addresses in any 60 seconds. */
  uploads_per_minute?: number | null | undefined;
  /** Submits in any 60 seconds. */
  requests_per_minute?: number | null | undefined;
  /** Bytes of the bodies of calls in any 60 seconds. A body whose length is not announced counts as the largest that the call may have. */
  body_bytes_per_minute?: number | null | undefined;
  /** Event streams and waiting calls that are open at the same time, in each process. */
  open_streams?: number | null | undefined;
  /** Requests that are queued at the same time. */
  queued_requests?: number | null | undefined;
  [key: string]: unknown;
}

/** The limit that refuses the call. */
export interface ReachedLimit {
  name: 'stored_bytes' | 'unused_upload_bytes' | 'uploads_per_minute' | 'requests_per_minute' | 'body_bytes_per_minute' | 'open_streams' | 'queued_requests';
  of: 'key' | 'organization';
  value: number;
}

export type Scope = 'read' | 'submit' | 'manage' | 'admin';

export interface OrganizationBody {
  /** Names the organization in keys, budgets and headers. It stays. */
  id: string;
  /** For people. If left out: the id. */
  name?: string | undefined;
  limits?: LimitsBody | undefined;
  [key: string]: unknown;
}

export interface OrganizationChange {
  name?: string | undefined;
  /** The limits to change; `null` removes one. Those that are left out stay. */
  limits?: LimitsBody | undefined;
  [key: string]: unknown;
}

export interface OrganizationRecord {
  id: string;
  name: string;
  /** Unix time in whole seconds. */
  created_at: number;
  suspended_at: number | null;
  /** Limits of its own. Those that are missing are the limits of the service. */
  limits: Limits;
  /** Bytes of its pictures in the storage. */
  stored_bytes: number;
}

/** In the order of their ids. */
export interface OrganizationList {
  organizations: OrganizationRecord[];
}

/** Somebody who signs in through OpenID Connect. */
export interface PersonRecord {
  /** The provider that knows the person. */
  issuer: string;
  /** The person’s id at the provider. */
  subject: string;
  /** The role in each organization. */
  roles: Record<string, 'viewer' | 'member' | 'admin'>;
}

export interface SessionRecord {
  id: string;
  /** The row of the person among the keys. */
  api_key_id: string;
  /** The name of the person. */
  name: string;
  /** When the person signed in. */
  created_at: number;
  /** Exact to the minute. */
  last_seen_at: number;
  /** When the session ends if it is not used again, or when it ended. */
  ends_at: number;
  is_active: boolean;
  /** The address that the sign-in came from. */
  address: string;
  /** What the browser calls itself. */
  browser: string;
}

/** The last sign-ins first, including ended sessions that are still kept. */
export interface SessionList {
  sessions: SessionRecord[];
  has_more: boolean;
  next_cursor?: string | undefined;
}

export interface KeyBody {
  name: string;
  /** The organizations whose requests the key may make and see; the first is its default. If left out: `default`. */
  organization_ids?: string[] | undefined;
  scopes?: Scope[] | undefined;
  /** Without `scopes`: whether the key has all of them. If left out or false, it has all but `admin`. */
  is_admin?: boolean | undefined;
  expires_at?: number | null | undefined;
  limits?: LimitsBody | undefined;
  /** How many requests the key may submit in any minute. If left out, the limit of the service applies. */
  requests_per_minute?: number | undefined;
  /** Whether a request that is still queued is cancelled when the client that waits for it goes away. If left out, it is not: the same call joins it later. */
  cancel_when_gone?: boolean | undefined;
  model_ids?: string[] | null | undefined;
  [key: string]: unknown;
}

export interface KeyChange {
  name?: string | undefined;
  scopes?: Scope[] | undefined;
  expires_at?: number | null | undefined;
  /** `null`: all models. */
  model_ids?: string[] | null | undefined;
  /** The limits to change; `null` removes one. Those that are left out stay. */
  limits?: LimitsBody | undefined;
  [key: string]: unknown;
}

export interface KeyRecord {
  /** The public part of the key: the text between `dk_` and the next `_`. */
  id: string;
  name: string;
  organization_ids: string[];
  scopes: Scope[];
  /** Whether `admin` is among the scopes. */
  is_admin: boolean;
  requests_per_minute: number | null;
  /** Limits of its own. Those that are missing are the limits of the service. */
  limits: Limits;
  cancel_when_gone: boolean;
  model_ids: string[] | null;
  /** Unix time in whole seconds. */
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
  /** Exact to the hour. */
  last_used_at: number | null;
  /** While the key is being rotated: until when its old text is valid, too. */
  old_text_until: number | null;
  /** The person whose row this is. Nobody has a text of it: it is used by sessions. */
  person: PersonRecord | null;
}

/** Oldest first, including revoked keys. */
export interface KeyList {
  keys: KeyRecord[];
}

export interface NewKeyRecord {
  /** The public part of the key: the text between `dk_` and the next `_`. */
  id: string;
  name: string;
  organization_ids: string[];
  scopes: Scope[];
  /** Whether `admin` is among the scopes. */
  is_admin: boolean;
  requests_per_minute: number | null;
  /** Limits of its own. Those that are missing are the limits of the service. */
  limits: Limits;
  cancel_when_gone: boolean;
  model_ids: string[] | null;
  /** Unix time in whole seconds. */
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
  /** Exact to the hour. */
  last_used_at: number | null;
  /** While the key is being rotated: until when its old text is valid, too. */
  old_text_until: number | null;
  /** The person whose row this is. Nobody has a text of it: it is used by sessions. */
  person: PersonRecord | null;
  /** The key itself. It is shown only once and is not stored. */
  api_key: string;
}

/** `key.created`: An API key was made. `key.changed`: Name, scopes, limits, models or expiry of an API key were changed. `key.rotated`: An API key got another text. `key.revoked`: An API key was revoked. `organization.created`: An organization was made. `organization.changed`: Name or limits of an organization were changed. `organization.suspended`: An organization was suspended. `organization.resumed`: The suspension of an organization was ended. `organization.removed`: An organization was removed. `budget.set`: A budget was set, or its limit changed. `budget.removed`: A budget was removed. `upstream.paused`: An upstream was paused. `upstream.resumed`: The pause or the rest of an upstream was ended. `model.paused`: A model was paused. `model.resumed`: The pause or the rest of a model was ended. `request.requeued`: Requests that had failed or were cancelled were queued again. `request.deleted`: A request was deleted, with its pictures. `upload.deleted`: An upload was deleted. `content.deleted`: Everything that an organization had sent and made was deleted, or as much as one call could delete. `webhook_endpoint.created`: A webhook endpoint was added. `webhook_endpoint.changed`: Address, events or pause of a webhook endpoint were changed. `webhook_endpoint.secret_rotated`: A webhook endpoint got another secret. `webhook_endpoint.removed`: A webhook endpoint was removed. `webhook_secret.rotated`: The secret of an organization that signs for `webhook_url` was replaced. `console.signed_in`: Somebody signed in to the console. `console.sign_in_refused`: A sign-in to the console was refused. `console.signed_out`: Somebody signed out of the console. `session.revoked`: A session of the console was revoked. `settings.changed`: A process started with other settings, or another version, than the one before. `store.migrated`: The schema of the database was brought up to date by `darkroom migrate`. `store.copied`: The database was filled by `darkroom copy`. `store.backed_up`: Database and pictures were backed up by `darkroom backup`. `store.restored`: Database and pictures were restored by `darkroom restore`. */
export type AuditAction = 'key.created' | 'key.changed' | 'key.rotated' | 'key.revoked' | 'organization.created' | 'organization.changed' | 'organization.suspended' | 'organization.resumed' | 'organization.removed' | 'budget.set' | 'budget.removed' | 'upstream.paused' | 'upstream.resumed' | 'model.paused' | 'model.resumed' | 'request.requeued' | 'request.deleted' | 'upload.deleted' | 'content.deleted' | 'webhook_endpoint.created' | 'webhook_endpoint.changed' | 'webhook_endpoint.secret_rotated' | 'webhook_endpoint.removed' | 'webhook_secret.rotated' | 'console.signed_in' | 'console.sign_in_refused' | 'console.signed_out' | 'session.revoked' | 'settings.changed' | 'store.migrated' | 'store.copied' | 'store.backed_up' | 'store.restored';

/** Somebody changed something. */
export interface AuditEntryRecord {
  id: string;
  /** Unix time in seconds, with milliseconds as decimals. */
  at: number;
  by: {
    /** `key`: an API key. `person`: somebody who signed in to the console. `command`: a command on a machine that reaches the database. `service`: Darkroom itself. `unknown`: nobody proved who they are. */
    kind: 'key' | 'person' | 'command' | 'service' | 'unknown';
    /** Of a key its id, of a person the subject that the identity provider names, of a command the user of the machine. */
    id: string;
    /** The name of the key or person, or the command, as it was then. */
    name: string;
    /** The address that the call came from. Of a command: the name of the machine. */
    address: string | null;
  };
  /** `key.created`: An API key was made. `key.changed`: Name, scopes, limits, models or expiry of an API key were changed. `key.rotated`: An API key got another text. `key.revoked`: An API key was revoked. `organization.created`: An organization was made. `organization.changed`: Name or limits of an organization were changed. `organization.suspended`: An organization was suspended. `organization.resumed`: The suspension of an organization was ended. `organization.removed`: An organization was removed. `budget.set`: A budget was set, or its limit changed. `budget.removed`: A budget was removed. `upstream.paused`: An upstream was paused. `upstream.resumed`: The pause or the rest of an upstream was ended. `model.paused`: A model was paused. `model.resumed`: The pause or the rest of a model was ended. `request.requeued`: Requests that had failed or were cancelled were queued again. `request.deleted`: A request was deleted, with its pictures. `upload.deleted`: An upload was deleted. `content.deleted`: Everything that an organization had sent and made was deleted, or as much as one call could delete. `webhook_endpoint.created`: A webhook endpoint was added. `webhook_endpoint.changed`: Address, events or pause of a webhook endpoint were changed. `webhook_endpoint.secret_rotated`: A webhook endpoint got another secret. `webhook_endpoint.removed`: A webhook endpoint was removed. `webhook_secret.rotated`: The secret of an organization that signs for `webhook_url` was replaced. `console.signed_in`: Somebody signed in to the console. `console.sign_in_refused`: A sign-in to the console was refused. `console.signed_out`: Somebody signed out of the console. `session.revoked`: A session of the console was revoked. `settings.changed`: A process started with other settings, or another version, than the one before. `store.migrated`: The schema of the database was brought up to date by `darkroom migrate`. `store.copied`: The database was filled by `darkroom copy`. `store.backed_up`: Database and pictures were backed up by `darkroom backup`. `store.restored`: Database and pictures were restored by `darkroom restore`. */
  action: AuditAction;
  /** The id or name of what was changed. */
  target: string;
  /** The organization that it concerns. */
  organization_id: string | null;
  /** What was before, without secrets. */
  before: Record<string, unknown> | null;
  /** What was afterwards, without secrets. */
  after: Record<string, unknown> | null;
}

/** Newest first. */
export interface AuditList {
  entries: AuditEntryRecord[];
  has_more: boolean;
  /** Only when there are more. */
  next_cursor?: string | undefined;
}

/** How many requests of all organizations ended in each of the last 60 minutes. */
export interface Throughput {
  /** The last 60 minutes, oldest first, without gaps; the last one is not over yet. */
  minutes: Array<{
    /** When the minute began, in Unix seconds. */
    at: number;
    success: number;
    failed: number;
    cancelled: number;
  }>;
}

export interface DeletedContent {
  requests: number;
  uploads: number;
  /** `false`: there is more, or calls are still under way. The same call again deletes the rest. */
  is_complete: boolean;
}

/** The codes of refused calls, with their HTTP status. */
export interface ProblemStatuses {
  /** The body, the query or the path is not valid for this call. `details` names each wrong key. */
  invalid_request: 400;
  /** The body is not JSON. */
  malformed_json: 400;
  /** The API key is missing, wrong, expired or revoked. */
  unauthorized: 401;
  /** The request may cost more than is left of a budget of its API key or organization. */
  budget_exceeded: 402;
  /** Only the operator may make this call: it takes a key with the scope `admin`. */
  admin_required: 403;
  /** The API key may not make this call: the message names the scope that it lacks. */
  scope_required: 403;
  /** The organization is suspended by the operator: its keys are refused until it is resumed. */
  organization_suspended: 403;
  /** The API key is limited to other models, which the message lists. */
  model_not_allowed: 403;
  /** There is nothing at this address, or it belongs to another organization. */
  not_found: 404;
  /** The catalogue has no model with this id. Ids are case-sensitive. */
  model_not_found: 404;
  /** The address exists but takes other methods. `Allow` lists them. */
  method_not_allowed: 405;
  /** The `Idempotency-Key` was already used with a different body. */
  idempotency_conflict: 409;
  /** The request ended while it was being cancelled by `DELETE`, and still exists. Repeat the call to delete it. */
  request_ended: 409;
  /** The request to delete has not ended, or one of its calls is still under way. `Retry-After` says when to try again. */
  request_open: 409;
  /** There is an organization of this id already. */
  organization_exists: 409;
  /** The organization still has requests or pictures, so it cannot be removed. */
  organization_not_empty: 409;
  /** A different picture was already uploaded at this address. */
  upload_conflict: 409;
  /** The organization has as many webhook endpoints as it may have. */
  endpoints_full: 409;
  /** The request or the picture was deleted, or has expired. It cannot be restored. */
  deleted: 410;
  /** The picture was stored, but its file in the media storage is missing or cut off. The operator has to look into it. */
  media_lost: 410;
  /** The body is larger than the limit. */
  body_too_large: 413;
  /** The API key or its organization has as many bytes of stored pictures as it may have. There is room again when pictures are removed. */
  storage_full: 413;
  /** The requested range is outside the picture. */
  range_not_satisfiable: 416;
  /** The picture cannot be decoded, so it has no thumbnail. */
  unreadable_picture: 422;
  /** The body must be JSON, sent with `Content-Type: application/json`. */
  unsupported_media_type: 415;
  /** The API key or its organization has submitted as many requests, asked for as many upload addresses or sent as many bytes in a minute as it may. `Retry-After` says when to try again. */
  rate_limited: 429;
  /** The API key or its organization has as many queued requests as it may have. `Retry-After` says when to try again. */
  queue_full: 429;
  /** The API key or its organization has as many bytes of unused uploads as it may have. `Retry-After` says when to try again. */
  uploads_full: 429;
  /** The API key or its organization has as many event streams and waits open as it may have. `Retry-After` says when to try again. */
  too_many_streams: 429;
  /** A defect in Darkroom. Its log says more. */
  internal_error: 500;
  /** A part of the database that the call needs is damaged. Other calls work. The operator has to restore the database from a backup. */
  data_damaged: 500;
  /** The service is shedding load or shutting down. `Retry-After` says when to try again. */
  overloaded: 503;
}

export type ProblemCode = keyof ProblemStatuses;

/** The codes of failed requests. A newer server may have more. */
export type FailureCode =
  /** The upstream has no capacity at the moment (503, or a 429 without a quota). */
  | 'upstream_overloaded'
  /** The account sends more requests per minute than the upstream allows. */
  | 'upstream_rate_limited'
  /** The account has used its daily quota. The quota is reset at midnight in the time zone of the upstream. */
  | 'upstream_quota_exhausted'
  /** The account spends faster than the upstream allows. */
  | 'upstream_spend_limited'
  /** The account has no credit left, or has reached its spending cap. */
  | 'upstream_billing'
  /** The upstream serves this model only to accounts with billing enabled. */
  | 'upstream_paid_tier_required'
  /** The upstream refused the API key. */
  | 'upstream_key_invalid'
  /** The upstream does not serve this location or this account. */
  | 'upstream_location_unsupported'
  /** The upstream has no such model, or has retired it. */
  | 'upstream_model_unavailable'
  /** The upstream rejected the request as invalid. */
  | 'upstream_rejected'
  /** A part of the conversation lacked the signature that the upstream expects. The request is tried once more, with the last picture as a reference. */
  | 'upstream_signature_missing'
  /** The upstream could not read a reference picture. */
  | 'upstream_reference_rejected'
  /** The upstream had an internal error (500, 502 or another 5xx). */
  | 'upstream_error'
  /** The upstream did not answer in time. */
  | 'upstream_timeout'
  /** The upstream could not be reached; nothing was sent. */
  | 'upstream_unreachable'
  /** The connection broke after the request was sent. */
  | 'upstream_connection_lost'
  /** The answer of the upstream was not understood, or was larger than allowed. */
  | 'upstream_answer_invalid'
  /** The upstream made a picture in a format that cannot be converted here, such as HEIC. Another try would give the same format. */
  | 'upstream_picture_unsupported'
  /** The worker ended while the upstream was answering; the answer, which may have been billed, is lost. */
  | 'upstream_answer_lost'
  /** The upstream blocked the prompt. */
  | 'prompt_blocked'
  /** The upstream blocked the picture it made. */
  | 'image_blocked'
  /** The upstream withheld the picture because it is too close to an existing work. */
  | 'recitation_blocked'
  /** The moderation of this service blocked the request or the picture. */
  | 'moderation_blocked'
  /** The moderation of this service did not answer; nothing was sent to the upstream. It is asked again until the deadline. */
  | 'moderation_unavailable'
  /** The picture was made, but the moderation of this service did not say within minutes whether it may be served. */
  | 'picture_unmoderated'
  /** The model was asked for a picture but made none. */
  | 'no_image'
  /** The model answered in words instead of a picture. */
  | 'text_only'
  /** The model used all its tokens before the picture was made. */
  | 'token_limit'
  /** A reference picture or a mask could not be fetched or read, or the mask does not fit its picture. */
  | 'reference_unavailable'
  /** The host of a reference picture said to try again later (429 or 503). Darkroom tries again until the deadline. */
  | 'reference_busy'
  /** A reference is an upload that has not arrived yet. Darkroom keeps looking for it for two to three minutes. */
  | 'reference_not_uploaded'
  /** A picture that the request refers to was deleted or has expired. */
  | 'media_deleted'
  /** A stored picture is missing from the media storage, or is cut off there. */
  | 'media_lost'
  /** The picture was made but could not be stored. */
  | 'media_unwritable'
  /** The request was not done by its deadline. */
  | 'deadline_exceeded'
  /** A defect in Darkroom. Its log says more. */
  | 'internal_error';

/** The values of `file_type`, and the media type that the bytes must have. */
export const uploadTypes = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  webp: 'image/webp',
  heic: 'image/heic',
  heif: 'image/heif',
} as const;

export type UploadType = keyof typeof uploadTypes;
