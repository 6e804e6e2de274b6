# syntax=docker/dockerfile:1
# Two stages: the build with its tools, then Node, the compiled program and its run-time dependencies alone.
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# The image has Node 24 itself: the npm package `node` is for machines that have not.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY native/*.mjs native/*.c native/*.h ./native/
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev \
 && node native/build.mjs --verbose
RUN node node_modules/typescript/bin/tsc -p tsconfig.build.json \
 && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    BRUSIO_DATA=/var/lib/brusio
WORKDIR /opt/brusio
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY --from=build /build/native ./native
COPY package.json LICENSE brusio.example.yaml ./
COPY audio ./audio
COPY src/http/dashboard ./src/http/dashboard
RUN install -d -o node -g node -m 0700 /var/lib/brusio
USER node
VOLUME /var/lib/brusio
# SIP, HTTP, RTP. Host networking is the usual choice: ten thousand published ports are slow.
EXPOSE 5060/udp 5060/tcp 5061/tcp 8080/tcp 20000-29999/udp
# Asks the default HTTP address, or that of BRUSIO_HTTP_LISTEN: change it by this variable, which the program takes before
# http.listen of its settings file.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch(`http://${(process.env.BRUSIO_HTTP_LISTEN ?? '127.0.0.1:8080').replace('0.0.0.0', '127.0.0.1').replace('[::]', '[::1]')}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
# The flags of src/main.ts, which says why.
ENTRYPOINT ["node", "--max-semi-space-size=4", "--no-parallel-scavenge", "dist/main.js"]
CMD ["run"]
