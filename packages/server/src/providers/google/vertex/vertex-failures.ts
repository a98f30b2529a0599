import { between, type FailureRow, is } from '../../http-failure.ts';

/**
 * What only Vertex AI's errors mean. Its quotas are by minute; without a quota, a 429 says that the capacity which all projects
 * share is used up. Source: https://docs.cloud.google.com/vertex-ai/generative-ai/docs/error-code-429
 */
export const vertexFailureRows: readonly FailureRow[] = [
  {
    status: is(429),
    says: /quota exceeded|exceeded your (?:current )?quota|per.?(?:minute|day)/i,
    code: 'upstream_rate_limited',
    message: 'The Google Cloud project sends more calls than its quota allows; it can continue in about a minute.',
  },
  {
    status: between(400, 403),
    says: /BILLING_DISABLED|requires billing|billing account/i,
    code: 'upstream_billing',
    message: 'The Google Cloud project has no billing: enable it.',
  },
  {
    status: is(403),
    says: /SERVICE_DISABLED|has not been used in project|API .{0,60}disabled/i,
    code: 'upstream_key_invalid',
    message: 'The Vertex AI API is not enabled in the Google Cloud project: enable aiplatform.googleapis.com.',
  },
  {
    status: is(401),
    code: 'upstream_key_invalid',
    message: 'The upstream refused the access token of the service account.',
  },
  {
    status: is(403),
    code: 'upstream_key_invalid',
    message:
      'The service account may not call this model in this project: it needs the role Vertex AI User (roles/aiplatform.user).',
  },
  {
    status: is(404),
    code: 'upstream_model_unavailable',
    message:
      'The upstream has no such model in this project and location, or has retired it: most image models are only in the location global.',
  },
];
