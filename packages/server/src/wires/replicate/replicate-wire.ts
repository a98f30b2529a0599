import { bearerScheme, type KeyScheme } from '../../http/auth.ts';
import type { RequestStore } from '../../store/request-store.ts';
import { createLongCalls } from '../long-calls.ts';
import type { Wire, WirePorts } from '../wire.ts';
import { toErrorReply } from './errors.ts';
import { replicatePart } from './openapi.ts';
import { createPredictionReader } from './prediction-reader.ts';
import { registerCreateRoutes } from './routes/create.ts';
import { registerFileRoutes } from './routes/files.ts';
import { registerModelRoutes } from './routes/models.ts';
import { registerPredictionRoutes } from './routes/predictions.ts';

export interface ReplicateWireOptions extends WirePorts {
  readonly store: Pick<RequestStore, 'list' | 'attempts'>;
  /** The secret that signs webhooks of the organization's requests, as `whsec_…`. */
  readonly findWebhookSecret: (organizationId: string) => Promise<string>;
}

/** What Replicate's clients speak: predictions, files for their inputs, and the models as far as they ask for them. */
export function createReplicateWire(options: ReplicateWireOptions): Wire {
  const { findWebhookSecret } = options;
  const calls = createLongCalls({ ...options, toErrorReply });
  const readPrediction = createPredictionReader(options);
  return {
    name: 'replicate',
    scopes: [
      {
        prefix: '/v1',
        register: (scope, gates) => {
          registerCreateRoutes(scope, gates, { ...options, calls, readPrediction });
          registerPredictionRoutes(scope, { ...options, readPrediction });
          registerModelRoutes(scope, options);
          registerFileRoutes(scope, gates, options);
          scope.get('/webhooks/default/secret', async ({ caller }) => ({
            key: await findWebhookSecret(caller.organizationId),
          }));
          scope.get('/account', async ({ caller: { organizationId } }) => ({
            type: 'organization',
            username: organizationId,
            name: organizationId,
          }));
        },
      },
    ],
    toFullPath,
    keyScheme,
    maxBodyBytes: 32 * 1024 * 1024,
    toErrorReply,
    openApi: replicatePart,
  };
}

/** Base addresses are also written without the version, or with it twice. */
function toFullPath(url: string): string {
  return url.replace(/^(?:\/v1\/v1)?(?=\/(?:predictions|models\/[^/?]+\/[^/?]+\/predictions)(?:[/?]|$))/, '/v1');
}

/** `Authorization: Bearer KEY`, or `Token` as older clients have it. */
const keyScheme: KeyScheme = {
  read: (request) => /^token +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1] ?? bearerScheme.read(request),
  advice: bearerScheme.advice,
};
