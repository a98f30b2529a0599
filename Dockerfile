# syntax=docker/dockerfile:1

# The packages are built and packed with everything that this needs …
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc tsconfig.base.json LICENSE CHANGELOG.md ./
COPY packages/protocol/package.json packages/protocol/
COPY packages/client/package.json packages/client/
COPY packages/console/package.json packages/console/
COPY packages/docs-site/package.json packages/docs-site/
COPY packages/json-stream/package.json packages/json-stream/
COPY packages/illustrator/package.json packages/illustrator/
COPY packages/sandbox/package.json packages/sandbox/
COPY packages/server/package.json packages/server/
# No scripts: they would build before the sources are here.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY docs docs
COPY packages packages
COPY release release
RUN npm run pack

# … and the server is what its tarball has, with the versions that its own lock file names: what is published is what runs.
FROM node:24-bookworm-slim AS server
WORKDIR /app
COPY --from=packages /app/dist/*-server-*.tgz /tmp/server.tgz
RUN tar --extract --gzip --file=/tmp/server.tgz --strip-components=1
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund

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
ENTRYPOINT ["tini", "--", "node", "dist/darkroom.js"]
CMD ["serve"]
