# syntax=docker/dockerfile:1
# The gateway, its admin API and its tools. From the root of the source:
#   docker build -f deploy/docker/gateway.Dockerfile -t unsay/gateway:0.1.0 .
# For what you run, name the base by its digest: --build-arg PYTHON_IMAGE=python:3.11-slim-bookworm@sha256:...
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
# `steering` compiles what the engine steers by; without `encoder` set `encoder.url`, or `semantic: null` in the policy.
ARG EXTRAS=encoder,steering,tracing
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /src
COPY . .
RUN ./deploy/docker/install.sh /opt/unsay "$EXTRAS"

FROM ${PYTHON_IMAGE}
RUN groupadd --gid 10001 unsay \
    && useradd --uid 10001 --gid unsay --no-create-home --home-dir /var/lib/unsay --shell /usr/sbin/nologin unsay \
    && install --directory --owner unsay --group unsay --mode 0700 /var/lib/unsay /var/lib/unsay-admin /var/lib/unsay-audit /var/lib/unsay-steering
COPY --from=build /opt/unsay /opt/unsay
COPY --chmod=0755 deploy/docker/prepare.sh /usr/local/bin/prepare
ENV PATH=/opt/unsay/bin:$PATH PYTHONDONTWRITEBYTECODE=1 HF_HUB_OFFLINE=1
USER 10001:10001
WORKDIR /var/lib/unsay
EXPOSE 8080 8081
# The port of `listen`; of the admin API where that is what runs.
HEALTHCHECK --interval=10s --timeout=3s --start-period=300s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ.get(\"PORT\", \"8080\")}/readyz', timeout=2)"]
ENTRYPOINT ["unsay"]
CMD ["serve", "--config", "/etc/unsay/unsay.yaml", "--state", "/var/lib/unsay"]
