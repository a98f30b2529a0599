import type { Provider } from '../../provider.ts';
import { GoogleImageModel } from '../google-image-model.ts';
import { googleProvider, turnRules } from '../google-provider.ts';
import { googleTemplate } from '../models.ts';
import { createVertexService } from './vertex-service.ts';

/** Google's models through Vertex AI of Google Cloud. */
export const vertexProvider: Provider = {
  name: 'vertex',
  genAiName: 'gcp.vertex_ai',
  models: [],
  modelTemplate: googleTemplate,
  servesModelsOf: googleProvider.name,
  noBatchJobs: 'Vertex AI keeps batch jobs in buckets of Google Cloud, which Darkroom does not use',
  // It has no daily quotas; the limits of a day that operators set need a midnight all the same.
  quotaTimeZone: 'UTC',
  turnRules,
  connect: (account, tools) => new GoogleImageModel({ service: createVertexService(account, tools), ...tools }),
};
