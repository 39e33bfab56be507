#!/bin/sh
# ApplicationStart: starts the service in a session of its own.
set -eu
. "$(dirname "$0")/places.sh"

rm -f "$RUN/service.port"
cd "$APP"
# All three streams are redirected: CodeDeploy fails a hook whose output something still holds open.
PYTHONDONTWRITEBYTECODE=1 setsid python3 -m service --port "${SERVICE_PORT:-0}" --port-file "$RUN/service.port" \
  </dev/null >>"$LOG/service.log" 2>&1 &
echo "$!" >"$RUN/service.pid"

# For a moment it is still a copy of this script.
tries=0
while [ "$tries" -lt 100 ]; do
  if running; then
    echo "started, process $!"
    exit 0
  fi
  tries=$((tries + 1))
  sleep 0.1
done
echo "the service ended at once; the end of its log:"
tail -n 20 "$LOG/service.log"
exit 1
