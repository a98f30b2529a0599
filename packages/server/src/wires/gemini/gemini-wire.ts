import { googleKeyScheme } from '../google-keys.ts';
import type { Wire, WirePorts } from '../wire.ts';
import { prefix, resumablePrefix, toFullPath, uploadPrefix } from './addresses.ts';
import { toErrorReply } from './dialect-errors.ts';
import { geminiPart } from './openapi.ts';
import { registerCallRoutes } from './routes/calls.ts';
import {
  type FileRoutesOptions,
  registerFileRoutes,
  registerUploadBytes,
  registerUploadStart,
} from './routes/files.ts';
import { registerModelRoutes } from './routes/models.ts';
import { registerOperationRoute } from './routes/operations.ts';

export type GeminiWireOptions = WirePorts & Pick<FileRoutesOptions, 'uploadSecret' | 'spoolFolder'>;

/**
 * The wire that clients of Google's Gemini API speak: `generateContent` and what belongs to it. A call is one request of the queue;
 * its answer has the picture inside.
 */
export function createGeminiWire(options: GeminiWireOptions): Wire {
  return {
    name: 'gemini',
    scopes: [
      {
        prefix,
        register: (scope, gates) => {
          registerModelRoutes(scope, options.models);
          registerCallRoutes(scope, gates, options);
          registerFileRoutes(scope, options);
          registerOperationRoute(scope, options);
        },
      },
      { prefix: uploadPrefix, register: (scope, gates) => registerUploadStart(scope, gates, options) },
      {
        prefix: resumablePrefix,
        isKeyless: true,
        register: (scope, gates) => registerUploadBytes(scope, gates, options),
      },
    ],
    toFullPath,
    keyScheme: googleKeyScheme,
    // Room for a conversation with its pictures inside.
    maxBodyBytes: 32 * 1024 * 1024,
    toErrorReply,
    openApi: geminiPart,
  };
}
