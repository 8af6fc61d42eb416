# Parley in a small image that runs as an ordinary user. It needs a PostgreSQL (PARLEY_DATABASE_URL): the image holds
# no database of its own. compose.yaml shows a whole installation.
FROM node:22-bookworm-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
COPY api/openapi.json ../api/openapi.json
RUN npm run build

FROM golang:1.26-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates tzdata
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/web/dist web/dist
ARG VERSION=container
RUN CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags "-s -w -X parley/internal/obs.Version=${VERSION}" -o /parley ./cmd/parley \
 && mkdir /data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo
COPY --from=build /parley /usr/bin/parley
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
ENV PARLEY_DATA_DIR=/data PARLEY_LISTEN=:8080
VOLUME /data
EXPOSE 8080/tcp 7882/udp 7882/tcp
ENTRYPOINT ["/usr/bin/parley"]
