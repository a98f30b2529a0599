import { Problem } from '../../core/problem.ts';
import { bearerScheme, type KeyScheme } from '../../http/auth.ts';
import type { GrantUploadAddress } from '../../http/upload-addresses.ts';
import type { RequestStore } from '../../store/request-store.ts';
import { createLongCalls } from '../long-calls.ts';
import type { Wire, WirePorts } from '../wire.ts';
import { falPrefix, toFullPath } from './addresses.ts';
import { toErrorReply } from './errors.ts';
import { falPart } from './openapi.ts';
import { registerRequestRoutes } from './routes/requests.ts';
import { registerRunRoute } from './routes/run.ts';
import { registerStorageRoutes } from './routes/storage.ts';
import { registerSubmitRoute } from './routes/submit.ts';
import { createStatusReader } from './status-reader.ts';

export interface FalWireOptions extends WirePorts {
  readonly store: Pick<RequestStore, 'attempts'>;
  readonly grantUploadAddress: GrantUploadAddress;
}

/** What fal's clients speak: blocking runs, the queue with its statuses, and the storage for input pictures. */
export function createFalWire(options: FalWireOptions): Wire {
  const calls = createLongCalls({ ...options, toErrorReply });
  const readStatus = createStatusReader(options);
  return {
    name: 'fal',
    scopes: [
      {
        prefix: falPrefix,
        register: (scope, gates) => {
          registerRunRoute(scope, gates, { ...options, calls });
          registerSubmitRoute(scope, gates, { ...options, calls, readStatus });
          registerRequestRoutes(scope, gates, { ...options, readStatus });
          registerStorageRoutes(scope, gates, options);
          scope.all('/proxy', async () => {
            throw new Problem('not_found', proxyAdvice);
          });
        },
      },
    ],
    toFullPath: (url, headers) => toFullPath(url, headers, options.publicUrl),
    keyScheme,
    maxBodyBytes: 32 * 1024 * 1024,
    toErrorReply,
    openApi: falPart,
  };
}

const proxyAdvice =
  'The header x-fal-target-url must be an address of fal.run, queue.fal.run or rest.fal.ai, as fal’s client writes it.';

/** `Authorization: Key KEY`, or Bearer. */
const keyScheme: KeyScheme = {
  read: (request) => /^key +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1] ?? bearerScheme.read(request),
  advice: 'send the header Authorization: Key YOUR_API_KEY',
};
