#!/bin/sh
# ApplicationStop: ends the service and waits for its end.
set -eu
. "$(dirname "$0")/places.sh"

if running; then
  kill -TERM "$(cat "$RUN/service.pid")"
  waited=0
  while running; do
    # Two seconds before this hook's own limit, no more asking.
    if [ "$waited" -ge 280 ]; then
      echo "the service does not end by itself"
      kill -KILL "$(cat "$RUN/service.pid")"
    fi
    waited=$((waited + 1))
    sleep 0.1
  done
  echo "the service has ended"
else
  echo "the service does not run"
fi
rm -f "$RUN/service.pid" "$RUN/service.port"
