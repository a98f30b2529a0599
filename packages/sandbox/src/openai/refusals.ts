import { Refusal } from '../refusals.ts';
import type { QuotaStage, StagedStatus } from '../staged-refusals.ts';

interface ErrorWords {
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  readonly param?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `{"error": {message, type, param, code}}`, the form of every error of OpenAI. */
export function refuse(status: number, { type, code, message, param, details, headers }: ErrorWords): Refusal {
  const error = { message, type, param: param ?? null, code: code ?? null, ...details };
  const body = JSON.stringify({ error }, null, 2);
  return new Refusal(status, message, { contentType: 'application/json', body, ...(headers && { headers }) });
}

export function refuseParameter(param: string, message: string, code = 'invalid_value'): Refusal {
  return refuse(400, { type: 'invalid_request_error', code, param, message });
}

export function refuseKey(): Refusal {
  return refuse(401, {
    type: 'invalid_request_error',
    code: 'invalid_api_key',
    message: 'Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.',
  });
}

export function refuseModel(id: string): Refusal {
  return refuse(404, {
    type: 'invalid_request_error',
    code: 'model_not_found',
    param: 'model',
    message: `The model '${id.slice(0, 100)}' does not exist.`,
  });
}

export function refuseUrl(method: string, path: string): Refusal {
  const message = `Invalid URL (${method} ${path.slice(0, 200)})`;
  return refuse(404, { type: 'invalid_request_error', message });
}

export function refuseAsTooLarge(): Refusal {
  return refuse(413, { type: 'invalid_request_error', message: 'The request is too large.' });
}

/** What the moderation stops; `stage` is where. */
export function refuseBySafety(stage: 'input' | 'output'): Refusal {
  return refuse(400, {
    type: 'image_generation_user_error',
    code: 'moderation_blocked',
    message:
      'Your request was rejected by the safety system. If you believe this is an error, contact us at help.openai.com.',
    details: { moderation_details: { moderation_stage: stage, categories: ['violence'] } },
  });
}

/** The refusal that OpenAI sends with a status. */
export function stageOpenaiRefusal(status: StagedStatus, stage: QuotaStage): Refusal {
  return status === 429 ? stageQuota(stage) : plain[status](stage.model);
}

const plain: Record<Exclude<StagedStatus, 429>, (model: string) => Refusal> = {
  400: () => refuseParameter('prompt', 'Invalid request.'),
  401: refuseKey,
  403: (model) =>
    refuse(403, {
      type: 'invalid_request_error',
      message: `Your organization must be verified to use the model \`${model}\`.`,
    }),
  404: refuseModel,
  408: () => refuse(408, { type: 'server_error', message: 'The request timed out.' }),
  500: () =>
    refuse(500, {
      type: 'server_error',
      message: 'The server had an error while processing your request. Sorry about that!',
    }),
  502: () => Refusal.html(502, 'Bad gateway', 'The web server reported a bad gateway error.'),
  503: () =>
    refuse(503, {
      type: 'service_unavailable_error',
      code: 'server_is_overloaded',
      message: 'Our servers are currently overloaded. Please try again later.',
    }),
  504: () => Refusal.html(504, 'Gateway time-out', 'The web server reported a gateway time-out error.'),
};

function stageQuota({ kind = 'minute', model, retryMs }: QuotaStage): Refusal {
  const named = retryMs === undefined ? '' : ` Please try again in ${retryMs / 1000}s.`;
  const limit = (what: string, most: number) =>
    `Rate limit reached for ${model} in organization org-sandbox on ${what}: Limit ${most}, Used ${most}, Requested 1.${named}`;
  const headers = {
    'x-ratelimit-limit-requests': '5',
    'x-ratelimit-remaining-requests': '0',
    ...(retryMs !== undefined && {
      'x-ratelimit-reset-requests': `${retryMs / 1000}s`,
      'retry-after': String(Math.ceil(retryMs / 1000)),
    }),
  };
  switch (kind) {
    case 'minute':
      return refuse(429, {
        type: 'requests',
        code: 'rate_limit_exceeded',
        message: limit('images per min', 5),
        headers,
      });
    case 'day':
      return refuse(429, {
        type: 'requests',
        code: 'rate_limit_exceeded',
        message: limit('requests per day (RPD)', 200),
        headers,
      });
    case 'spend':
      return refuse(429, {
        type: 'insufficient_quota',
        code: 'project_spend_limit_exceeded',
        message: 'This project has reached its spend limit.',
      });
    case 'free':
    case 'prepay':
      return refuse(429, {
        type: 'insufficient_quota',
        code: 'insufficient_quota',
        message: 'You exceeded your current quota, please check your plan and billing details.',
      });
    case 'capacity':
      return refuse(429, {
        type: 'server_error',
        code: 'engine_overloaded',
        message: 'The engine is currently overloaded, please try again later.',
      });
  }
}
