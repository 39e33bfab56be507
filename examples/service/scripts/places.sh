# Where things are on the host; the other scripts read this file. In a rehearsal everything is below the deployment
# root; on a host that variable is not set.
ROOT="${REHEARSAL_DEPLOYMENT_ROOT:-}"
APP="$ROOT/srv/service"
RUN="$ROOT/run/service"
LOG="$ROOT/var/log/service"

# Whether the pid file names a process that is the service: pids are used again.
running() {
  [ -s "$RUN/service.pid" ] || return 1
  process="/proc/$(cat "$RUN/service.pid")"
  case "$(tr '\0' ' ' 2>/dev/null <"$process/cmdline")" in
    *"-m service "*) return 0 ;;
    # Without arguments it has ended, or is just becoming another program.
    "") grep -q '^State:[[:space:]]*[^ZX]' "$process/status" 2>/dev/null ;;
    *) return 1 ;;
  esac
}
