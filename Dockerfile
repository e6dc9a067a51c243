# The patch version is pinned here. A release also pins the digest: docs/release.md says how.
ARG PYTHON=python:3.13.11-slim-trixie

FROM ${PYTHON} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv --without-pip /opt/bot
COPY requirements ./requirements
RUN pip install --require-hashes --only-binary :all: -r requirements/build.lock \
 && pip --python /opt/bot/bin/python install --require-hashes -r requirements/run.lock
COPY pyproject.toml README.md manifest.yml ./
COPY bot ./bot
# Built apart: pip would look for setuptools in the environment that it installs into.
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
 && pip --python /opt/bot/bin/python install --no-deps /dist/*.whl \
 && /opt/bot/bin/python -m compileall -q -j 0 /opt/bot

FROM ${PYTHON}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="rds-restore-bot" \
      org.opencontainers.image.description="Slack bot that restores Huawei Cloud RDS instances, with a second person's approval" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Nothing is installed at run time, so nothing is there to install with.
RUN rm -rf /usr/local/lib/python3.13/ensurepip /usr/local/lib/python3.13/site-packages/pip* /usr/local/bin/pip* \
 && groupadd --gid 10001 bot \
 && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin bot \
 && mkdir /data && chown 10001:10001 /data && chmod 0700 /data
COPY --from=build /opt/bot /opt/bot
ENV PATH=/opt/bot/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=3000 \
    LOG_FORMAT=json \
    RDS_RESTORE_CONFIG=/etc/rds-restore-bot/rds-restore.toml
# By number: Kubernetes can only then see that it is not root.
USER 10001:10001
# SQLite's default file is made here. DATABASE_URL itself is not set: it would win over a DATABASE_URL_FILE.
WORKDIR /data
VOLUME ["/data"]
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["sh", "-c", "exec python -m bot.ops.probe \"$HOST\" \"$PORT\""]
ENTRYPOINT ["rds-restore-bot"]
CMD ["serve"]
