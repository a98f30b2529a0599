import type { ImageCall } from '../../image-model.ts';
import type { Account, ProviderTools } from '../../provider.ts';
import { Transport } from '../../transport.ts';
import type { GoogleService } from '../google-service.ts';
import { AccessTokens } from './access-tokens.ts';
import { fromCredentialsFile, fromMetadataServer } from './token-sources.ts';
import { toTierHeaders, toVertexBody } from './vertex-body.ts';
import { vertexFailureRows } from './vertex-failures.ts';

const connectTimeoutMs = 10_000;

/** Vertex AI: the models of Google, called for a project of Google Cloud by a service account. */
export function createVertexService(account: Account, { clock, proxies }: ProviderTools): GoogleService {
  const { credentialsFile } = account;
  // The metadata server is the machine's own: no proxy reaches it.
  const transport = new Transport({ connectTimeoutMs, ...(credentialsFile !== undefined && { proxies }) });
  const tools = { transport, clock };
  const tokens = new AccessTokens(
    credentialsFile === undefined ? fromMetadataServer(tools) : fromCredentialsFile(credentialsFile, tools),
    clock,
  );
  const toModelUrl = (upstreamModel: string) => toVertexUrl(account, upstreamModel);
  return {
    toModelUrl,
    // Needs what a picture needs: the project, the location, the model and the role.
    toCheck: (upstreamModel) => ({ method: 'POST', url: `${toModelUrl(upstreamModel)}:countTokens`, body: checkBody }),
    toBody: (call: ImageCall) => toVertexBody(call, account.personGeneration),
    toTierHeaders,
    authorize: async (signal) => {
      const { value, quotaProject } = await tokens.get(signal);
      const headers = {
        authorization: `Bearer ${value}`,
        ...(quotaProject !== undefined && { 'x-goog-user-project': quotaProject }),
      };
      return { headers, secret: value, discard: () => tokens.discard(value) };
    },
    failureRows: vertexFailureRows,
    close: async () => {
      tokens.close();
      await transport.close();
    },
  };
}

const checkBody = JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'a cat' }] }] });

function toVertexUrl(account: Account, upstreamModel: string): string {
  const { project = '', location = 'global', apiVersion = 'v1' } = account;
  const { baseUrl = `https://${toHost(location)}` } = account;
  const place = `projects/${encodeURIComponent(project)}/locations/${encodeURIComponent(location)}`;
  const model = `publishers/google/models/${encodeURIComponent(upstreamModel)}`;
  return `${baseUrl.replace(/\/+$/, '')}/${apiVersion}/${place}/${model}`;
}

/** Source: the addresses of Google's SDK, @google/genai 3. */
function toHost(location: string): string {
  if (location === 'global') return 'aiplatform.googleapis.com';
  const isMultiRegion = location === 'us' || location === 'eu';
  return isMultiRegion ? `aiplatform.${location}.rep.googleapis.com` : `${location}-aiplatform.googleapis.com`;
}
