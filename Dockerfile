# Console, prediction service and worker in one container:
#
#   docker build -t watchdesk .
#   docker run --init -p 127.0.0.1:8501:8501 -p 127.0.0.1:8000:8000 -v watchdesk:/data watchdesk
#
# `--init` reaps what the launcher's children leave behind. To reach it under names other than
# localhost, list them in STREAMLIT_SERVER_ALLOWED_HOSTS (between spaces) and
# WATCHDESK_ALLOWED_HOSTS (between commas).

FROM python:3.12-slim AS build
WORKDIR /build
COPY requirements.txt ./
RUN python -m venv /venv
RUN /venv/bin/python -m pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt

FROM python:3.12-slim
RUN useradd --uid 10001 --create-home watchdesk \
    && install --directory --owner=watchdesk /data
WORKDIR /app
COPY --from=build /venv /venv
COPY .streamlit/config.toml .streamlit/
COPY streamlit_app.py ./
COPY backend backend/
COPY console console/
COPY pages pages/
COPY data data/
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    WATCHDESK_DATA_DIR=/data \
    WATCHDESK_HOST=0.0.0.0 \
    WATCHDESK_PORT=8000
USER watchdesk
VOLUME /data
EXPOSE 8501 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["streamlit", "run", "--server.address=0.0.0.0", "--server.headless=true", "--server.fileWatcherType=none"]
