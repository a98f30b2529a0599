import { toHouseError } from './error-reply.ts';
import type { Mount } from './mount.ts';
import { housePart } from './openapi/house-parts.ts';
import { housePrefix } from './prefixes.ts';
import { type MeRouteOptions, registerMeRoute } from './routes/me.ts';
import { registerUploadGrantRoutes, type UploadRoutesOptions } from './routes/uploads.ts';

/** The calls with an API key that exist whichever wires are mounted. */
export function createHouse({
  me,
  uploads,
}: {
  readonly me: MeRouteOptions;
  readonly uploads: UploadRoutesOptions;
}): Mount {
  return {
    name: 'house',
    scopes: [
      {
        prefix: housePrefix,
        register: (scope, gates) => {
          registerUploadGrantRoutes(scope, gates, uploads);
          registerMeRoute(scope, me);
        },
      },
    ],
    toErrorReply: toHouseError,
    openApi: housePart,
  };
}
