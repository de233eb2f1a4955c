# syntax=docker/dockerfile:1

FROM node:26-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

# Translated: a process that strips types itself needs a third of a second and 25 MB for it, at each start.
FROM node:26-slim AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json tsconfig.build.json ./
RUN npm ci --ignore-scripts
COPY src ./src
RUN npm run build

FROM node:26-slim
ENV NODE_ENV=production \
    SLUICE_HTTP_HOST=0.0.0.0
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY --from=build /app/dist ./dist
COPY bin ./bin
COPY rules ./rules
USER node
EXPOSE 9464
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.SLUICE_HTTP_PORT || 9464}/livez`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# In exec form node is process 1 and gets SIGTERM itself; it starts no processes, so there are none to reap.
# A stop may take as long as SLUICE_DRAIN_MS: give it more (docker stop --timeout 30).
ENTRYPOINT ["node", "bin/sluice.js"]
CMD ["run"]
