import { Problem } from '../../core/problem.ts';
import { dropBodies } from '../../http/drop-bodies.ts';
import { createLongCalls } from '../long-calls.ts';
import { createOpenAiErrorReply } from '../openai-errors.ts';
import type { Wire, WirePorts } from '../wire.ts';
import { openAiPrefix, toFullPath } from './addresses.ts';
import { maxFormBytes } from './form/take-forms.ts';
import { openAiPart } from './openapi.ts';
import { registerImageRoutes } from './routes/images.ts';
import { registerModelRoutes } from './routes/models.ts';
import { registerTaskRoutes } from './routes/tasks.ts';

/** The images of OpenAI's API, as its SDKs and those that imitate them speak it, and the asynchronous calls of relays. */
export function createOpenAiWire(ports: WirePorts): Wire {
  const toErrorReply = createOpenAiErrorReply({ number_of_images: 'n' });
  const longCalls = createLongCalls({ ...ports, toErrorReply });
  return {
    name: 'openai',
    scopes: [
      {
        prefix: openAiPrefix,
        register: (scope, gates) => registerImageRoutes(scope, gates, { ...ports, longCalls, toErrorReply }),
      },
      {
        prefix: openAiPrefix,
        register: (scope) => {
          dropBodies(scope);
          registerTaskRoutes(scope, ports);
          registerModelRoutes(scope, ports);
          scope.post('/images/variations', async () => {
            throw new Problem('not_found', 'Variations are retired: use POST /v1/images/edits with a prompt instead.');
          });
        },
      },
    ],
    toFullPath,
    maxBodyBytes: maxFormBytes,
    toErrorReply,
    openApi: openAiPart,
  };
}
