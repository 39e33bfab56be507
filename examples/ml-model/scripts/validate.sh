#!/bin/sh
# ValidateService: the installed model must answer. In a rehearsal everything is below the deployment root; on a host
# that variable is not set.
set -eu
cd "${REHEARSAL_DEPLOYMENT_ROOT:-}/srv/maintenance-model"

PYTHONDONTWRITEBYTECODE=1 python3 -m model.predict --model model.json 8 10
