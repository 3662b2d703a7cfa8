# One file for the five daemons: docker build --build-arg SERVICE=apigw -t prompted-apigw .
# Needs BuildKit (docker 23 or later, or buildx). All five are compiled once, in one stage that the five images share;
# SERVICE only says which of them goes into the image, VERSION what it prints as --version.

# Swagger UI from npm, in the version named in cmake/swagger_ui.cmake. The build below checks its hash, and continues
# without it if npm cannot reach a registry.
FROM node:22-bookworm-slim AS web-assets
WORKDIR /assets
COPY cmake/swagger_ui.cmake ./
RUN --mount=type=cache,target=/root/.npm \
    npm pack --ignore-scripts --loglevel=error --fetch-retries=1 --fetch-timeout=30000 \
      "swagger-ui-dist@$(sed -n 's/^set(swagger_ui_version \(.*\))$/\1/p' swagger_ui.cmake)" \
    || echo "warning: npm cannot fetch swagger-ui-dist: the images will have no Swagger UI" \
    && rm swagger_ui.cmake

FROM debian:bookworm-slim AS builder
# The packages stay in the cache mount, so that a changed list fetches only what is new.
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
    && apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      ccache \
      cmake \
      g++ \
      libboost-url1.81-dev \
      libboost1.81-dev \
      libcli11-dev \
      libcsv-dev \
      libfmt-dev \
      libpq-dev \
      libpqxx-dev \
      libsimdjson-dev \
      libspdlog-dev \
      ninja-build \
      nlohmann-json3-dev \
      pkg-config \
      prometheus-cpp-dev \
      zlib1g-dev
WORKDIR /src
# cmake/swagger_ui.sh looks here before it tries npm, which is not installed in this stage.
COPY --from=web-assets /assets/ /root/.cache/prompted/
COPY CMakeLists.txt ./
COPY cmake cmake
COPY libs libs
COPY apps apps
ARG VERSION=unknown
ENV CCACHE_DIR=/ccache
RUN --mount=type=cache,target=/ccache \
    cmake -S . -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release -DPROMPTED_FIXED_VERSION="$VERSION" \
    && cmake --build /build \
    && install -D --strip --target-directory=/out /build/bin/* \
    && rm -rf /build

# The daemons' shared libraries, in one layer for all five images.
FROM debian:bookworm-slim AS runtime
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt,sharing=locked \
    apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      libboost-url1.81.0 \
      libcsv3 \
      libpq5 \
      libpqxx-6.4 \
      libprometheus-cpp-core1.0 \
      libsimdjson14 \
      libspdlog1.10 \
      zlib1g \
    && rm -rf /var/log/* /var/cache/ldconfig/* \
    && install -d -o 65532 -g 65532 /var/lib/prompted

# The binary has one path in every image, and its own port: apigw 8080, streamer 8082, collector 8083, mqwriter 8084,
# mqreader 8085 (EXPOSE cannot tell them apart). Only a volume at /var/lib/prompted is written to (the streamer's file).
FROM runtime
ARG SERVICE
ARG VERSION=unknown
COPY --from=builder /out/${SERVICE:?give--build-arg-SERVICE} /usr/local/bin/prompted
LABEL org.opencontainers.image.title="prompted-${SERVICE}" \
      org.opencontainers.image.description="${SERVICE} of prompted: GPU telemetry, a durable queue on PostgreSQL" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.vendor="prompted" \
      org.opencontainers.image.base.name="debian:bookworm-slim"
WORKDIR /var/lib/prompted
USER 65532:65532
STOPSIGNAL SIGTERM
# The daemons' default is loopback, which is unreachable from outside the container.
ENV LISTEN_ADDRESS=::
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=3 CMD ["/usr/local/bin/prompted", "--healthcheck"]
ENTRYPOINT ["/usr/local/bin/prompted"]
