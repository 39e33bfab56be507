#!/bin/sh
# ValidateService: waits until the service answers that it is well, in the version that was installed.
set -eu
. "$(dirname "$0")/places.sh"

waited=0
until [ -s "$RUN/service.port" ]; do
  if ! running || [ "$waited" -ge 300 ]; then
    echo "the service did not start; the end of its log:"
    tail -n 20 "$LOG/service.log"
    exit 1
  fi
  waited=$((waited + 1))
  sleep 0.1
done

python3 - "$(cat "$RUN/service.port")" "$(cat "$APP/service/VERSION")" <<'PYTHON'
import json, sys, urllib.request

port, installed = sys.argv[1:]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
with opener.open(f"http://127.0.0.1:{port}/health", timeout=10) as response:
    health = json.load(response)
print(f"port {port} answers {health}")
if health != {"status": "ok", "version": installed}:
    sys.exit(f"expected version {installed}, and that it is well")
PYTHON
