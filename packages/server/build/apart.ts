const apart =
  /^(?:node:|(?:sharp|pg|pino-pretty|openid-client|@aws-sdk|@google-cloud|@opentelemetry|@modelcontextprotocol|@fastify\/swagger-ui)(?:\/|$))/;

/** Modules of Node, packages that have files of their own, and packages that are loaded only where they are needed: a build leaves them where they are. */
export function isApart(id: string): boolean {
  return apart.test(id);
}
