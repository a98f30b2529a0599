import { Refusal } from './refusals.ts';

/** The statuses that `[[sandbox status=…]]` can stage, each with the upstream's own body. */
export const stagedStatuses = [400, 401, 403, 404, 408, 429, 500, 502, 503, 504] as const;
export type StagedStatus = (typeof stagedStatuses)[number];

/** The conditions that the upstream reports with 429. */
export const quotaKinds = ['minute', 'day', 'free', 'spend', 'prepay', 'capacity'] as const;
export type QuotaKind = (typeof quotaKinds)[number];

/** The details of a staged 429. Only bodies with a quota contain `retryMs`. */
export interface QuotaStage {
  readonly model: string;
  readonly kind?: QuotaKind;
  readonly retryMs?: number;
}

/** The refusal that the upstream sends with a status. */
export function stageRefusal(status: StagedStatus, stage: QuotaStage): Refusal {
  return status === 429 ? stageQuota(stage) : plain[status](stage.model);
}

const plain: Record<Exclude<StagedStatus, 429>, (model: string) => Refusal> = {
  400: () => Refusal.invalidArgument('Request contains an invalid argument.'),
  401: () =>
    Refusal.json(401, {
      word: 'UNAUTHENTICATED',
      message:
        'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
    }),
  403: () =>
    Refusal.json(403, {
      word: 'PERMISSION_DENIED',
      message: 'Your API key was reported as leaked. Please use another API key.',
    }),
  404: (model) => Refusal.retiredModel(model),
  408: () => Refusal.html(408, 'Request Timeout', 'Your client has taken too long to issue its request.'),
  500: () => Refusal.internal(),
  502: () =>
    Refusal.html(
      502,
      'Server Error',
      'The server encountered a temporary error and could not complete your request. <p>Please try again in 30 seconds.',
    ),
  503: () =>
    Refusal.json(503, {
      word: 'UNAVAILABLE',
      message:
        'This model is currently experiencing high demand. Spikes in demand are usually temporary. Please try again later.',
    }),
  504: () =>
    Refusal.json(504, {
      word: 'DEADLINE_EXCEEDED',
      message: 'Deadline expired before operation could complete.',
    }),
};

function stageQuota({ kind = 'minute', model, retryMs }: QuotaStage): Refusal {
  const staged = bare[kind];
  if (staged !== undefined) return Refusal.json(429, { word: 'RESOURCE_EXHAUSTED', message: staged });
  return quotaRefusal(quotas[kind === 'day' || kind === 'free' ? kind : 'minute'], { model, retryMs });
}

/** The 429s without `details`. */
const bare: Partial<Record<QuotaKind, string>> = {
  spend:
    "You exceeded your spend-based rate limit. Your spending rate has exceeded the allowed limit for your account's billing history and tier.",
  prepay:
    'Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects to manage your project and billing.',
  capacity: 'Resource has been exhausted (e.g. check quota).',
};

interface Quota {
  readonly metric: string;
  readonly id: string;
  readonly limit: number;
}

const quotas: Record<'minute' | 'day' | 'free', Quota> = {
  minute: {
    metric: 'generativelanguage.googleapis.com/generate_requests_per_model',
    id: 'GenerateRequestsPerMinutePerProjectPerModel',
    limit: 20,
  },
  day: {
    metric: 'generativelanguage.googleapis.com/generate_requests_per_model_per_day',
    id: 'GenerateRequestsPerDayPerProjectPerModel',
    limit: 250,
  },
  free: {
    metric: 'generativelanguage.googleapis.com/generate_content_free_tier_requests',
    id: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier',
    limit: 0,
  },
};

function quotaRefusal(
  quota: Quota,
  { model, retryMs }: { readonly model: string; readonly retryMs: number | undefined },
): Refusal {
  const delay = retryMs === undefined ? undefined : `${retryMs / 1000}s`;
  const message = [
    'You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. ',
    `* Quota exceeded for metric: ${quota.metric}, limit: ${quota.limit}, model: ${model}`,
    ...(delay === undefined ? [] : [`Please retry in ${delay}.`]),
  ].join('\n');
  return Refusal.json(429, {
    word: 'RESOURCE_EXHAUSTED',
    message,
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.Help',
        links: [
          {
            description: 'Learn more about Gemini API quotas',
            url: 'https://ai.google.dev/gemini-api/docs/rate-limits',
          },
        ],
      },
      {
        '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
        violations: [
          {
            quotaMetric: quota.metric,
            quotaId: quota.id,
            quotaDimensions: { location: 'global', model },
            quotaValue: String(quota.limit),
          },
        ],
      },
      ...(delay === undefined ? [] : [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: delay }]),
    ],
  });
}
