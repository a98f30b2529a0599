# syntax=docker/dockerfile:1

# The console and the documentation are built with everything that their builds need …
FROM node:24-bookworm-slim AS pages
WORKDIR /app
COPY package.json package-lock.json .npmrc tsconfig.base.json ./
COPY packages/protocol/package.json packages/protocol/
COPY packages/client/package.json packages/client/
COPY packages/console/package.json packages/console/
COPY packages/docs-site/package.json packages/docs-site/
COPY packages/json-stream/package.json packages/json-stream/
COPY packages/illustrator/package.json packages/illustrator/
COPY packages/sandbox/package.json packages/sandbox/
COPY packages/server/package.json packages/server/
# No scripts: they would fetch a Node of their own, and build before the sources are here.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY packages/protocol packages/protocol
COPY packages/client packages/client
COPY packages/console packages/console
COPY packages/docs-site packages/docs-site
COPY docs docs
RUN npm run build

# … of which nothing but its result goes on; the server runs from its sources, with what it needs to run and no more.
FROM node:24-bookworm-slim AS server
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/protocol/package.json packages/protocol/
COPY packages/client/package.json packages/client/
COPY packages/console/package.json packages/console/
COPY packages/docs-site/package.json packages/docs-site/
COPY packages/json-stream/package.json packages/json-stream/
COPY packages/illustrator/package.json packages/illustrator/
COPY packages/sandbox/package.json packages/sandbox/
COPY packages/server/package.json packages/server/
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY packages/protocol/src packages/protocol/src
COPY packages/client/src packages/client/src
COPY packages/json-stream/src packages/json-stream/src
COPY packages/illustrator/src packages/illustrator/src
COPY packages/sandbox/src packages/sandbox/src
COPY packages/server/bin packages/server/bin
COPY packages/server/src packages/server/src
COPY --from=pages /app/packages/console/dist packages/console/dist
COPY --from=pages /app/packages/docs-site/dist packages/docs-site/dist

FROM node:24-bookworm-slim
# As process 1 it passes signals on and buries what dies.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends tini \
 && rm -rf /var/lib/apt/lists/* \
 && install --directory --owner=1000 --group=1000 --mode=0700 /data
WORKDIR /app
COPY --from=server /app /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4600 DARKROOM_DATA_DIR=/data
# The user `node` of the image, by number: so that an orchestrator can see that it is not root.
USER 1000:1000
VOLUME /data
EXPOSE 4600
# Longer than DARKROOM_DRAIN_SECONDS is what `docker stop --time` should be given.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--", "node", "packages/server/bin/darkroom.js"]
CMD ["serve"]
