#!/usr/bin/env bash
# Prints a pair's best ask some times, and leaves: krakenws as a co-process, one JSON object a line in and out.
#
#   best_ask.sh PAIR COUNT [options of krakenws, such as --sandbox]
#
# Needs Bash 4 and jq. KRAKENWS is how krakenws is started, if not by that name.
set -euo pipefail

pair=$1 count=$2
shift 2
read -ra krakenws <<<"${KRAKENWS:-krakenws}"

coproc KWS { exec "${krakenws[@]}" shell --input ndjson "$@"; }
# Bash forgets these when the co-process ends.
from=${KWS[0]} to=${KWS[1]} process=$KWS_PID

# send ID COMMAND [WORD…]
send() {
  jq -cn '$ARGS.positional | {id: .[0], cmd: .[1], args: .[2:]}' --args "$@" >&"$to"
}

send feed subscribe ticker "$pair"

while IFS= read -r -u "$from" record; do
  # Only the records that matter are taken apart: jq is not started for the others.
  case $record in
  *'"channel":"ticker"'*)
    ((count > 0)) || continue
    jq -r '.data.ask.price' <<<"$record"
    count=$((count - 1))
    ((count > 0)) || send farewell unsubscribe all
    ;;
  *'"channel":"result"'*'"type":"error"'*)
    jq -r '"krakenws: " + .message' <<<"$record" >&2
    exit "$(jq .exit <<<"$record")"
    ;;
  *'"cause":"farewell","channel":"result"'*)
    send quit exit
    ;;
  esac
done

wait "$process"
