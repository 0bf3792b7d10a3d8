# syntax=docker/dockerfile:1
# vLLM with the plug-in that steers. From the root of the source:
#   docker build -f deploy/docker/vllm.Dockerfile -t unsay/vllm:0.1.0 .
# For CPUs: --build-arg VLLM_IMAGE= an image that you built with vLLM's docker/Dockerfile.cpu. Another version than this
# one may know another interface for logits processors; the gateway's canary tells.
ARG VLLM_IMAGE=vllm/vllm-openai:v0.32.0
FROM ${VLLM_IMAGE}
USER 0
COPY . /src
# What the plug-in needs beside it, vLLM brings.
RUN python3 -m pip install --no-cache-dir --no-deps /src \
    && rm -rf /src \
    && python3 -P -c "from unsay.origin import check_origin; check_origin(('policy', 'index', 'steering', 'unsay'))"
COPY deploy/docker/steering.json /etc/unsay/steering.json
ENV UNSAY_STEERING=/etc/unsay/steering.json HOME=/tmp VLLM_CACHE_ROOT=/tmp/vllm VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1 \
    HF_HUB_OFFLINE=1
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=900s \
    CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=2)"]
# No route for developers, no docs; the odds that a client may see are those after steering.
ENTRYPOINT ["python3", "-P", "-m", "vllm.entrypoints.openai.api_server", "--host", "0.0.0.0", "--port", "8000", \
    "--disable-fastapi-docs", "--logprobs-mode", "processed_logprobs", \
    "--logits-processors", "unsay.engine_plugin:Steering"]
CMD ["--model", "/models/model", "--served-model-name", "model"]
