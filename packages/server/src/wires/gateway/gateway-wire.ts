import { createLongCalls } from '../long-calls.ts';
import type { Wire, WirePorts } from '../wire.ts';
import { gatewayVersions, toFullPath, toPrefix } from './addresses.ts';
import { toGatewayErrorReply } from './gateway-errors.ts';
import { gatewayPart } from './openapi.ts';
import { registerGateway } from './routes.ts';

/** References come inline, up to ten of them. */
const maxBodyBytes = 32 * 1024 * 1024;

/** The protocol of Vercel's AI Gateway, as far as pictures go: `createGateway({ baseURL })` of the AI SDK. */
export function createGatewayWire(ports: WirePorts): Wire {
  const longCalls = createLongCalls({ ...ports, toErrorReply: toGatewayErrorReply });
  return {
    name: 'gateway',
    scopes: gatewayVersions.map((version) => ({
      prefix: toPrefix(version),
      register: (scope, gates) => registerGateway(scope, gates, { ...ports, longCalls, version }),
    })),
    toFullPath,
    maxBodyBytes,
    toErrorReply: toGatewayErrorReply,
    openApi: gatewayPart,
  };
}
