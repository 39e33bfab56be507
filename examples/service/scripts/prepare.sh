#!/bin/sh
# BeforeInstall: makes the folders that are no part of the revision.
set -eu
. "$(dirname "$0")/places.sh"

mkdir -p "$RUN" "$LOG"
