# Both stages use the same image; another registry or a mirror: --build-arg NODE_IMAGE=…
ARG NODE_IMAGE=node:26.10.0-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY scripts scripts
COPY src src
COPY fixtures/demo fixtures/demo
RUN node scripts/build.ts

FROM ${NODE_IMAGE}
COPY --from=build /src/dist /app
# A small young generation, one arena, and freed memory given back at once: less memory at the same CPU (docs/decisions/0012-memory.md).
ENV NODE_ENV=production NODE_COMPILE_CACHE=/cache NODE_OPTIONS=--max-semi-space-size=1 MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=65536 MALLOC_MMAP_THRESHOLD_=65536
RUN install --directory --owner=65532 --group=65532 /cache
USER 65532:65532
# The compile cache belongs to a user id, so it is warmed as the one that runs; the demo goes through a whole run.
RUN ["node", "/app/reroll.mjs", "demo"]
ENTRYPOINT ["node", "/app/reroll.mjs"]
CMD ["run"]
