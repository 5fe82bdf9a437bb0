#!/usr/bin/env bash
# The demonstration: the service over its own data directory, and the simulated county's devices and satellite passes beside it.
# demo.sh MONITORING FIRMWARE_SIM DATA_DIR FRESH(0|1)
set -euo pipefail
monitoring=$1 sim=$2 data=$3 fresh=$4
world="$data/world"

if [ "$fresh" = 1 ] && [ -d "$data" ]; then
    if [ ! -f "$data/monitoring.json" ] || ! grep -q '"demonstration": *true' "$data/monitoring.json"; then
        echo "$data is not a demonstration's data directory, so --fresh leaves it alone; remove it yourself if you mean it." >&2
        exit 2
    fi
    rm -rf "$data"
fi

if [ ! -f "$data/ready" ]; then
    mkdir -p "$data"
    printf '{ "demonstration": true }\n' >"$data/monitoring.json"
    echo "Making the demonstration county ..."
    "$sim" world --out "$world"
    for kind in regions control-lines parcels permits; do
        "$monitoring" import "$kind" "$world/$kind.geojson" --data "$data"
    done
    "$monitoring" import devices "$world/devices.json" --data "$data"
    # Read at start; targets of one's own are left alone.
    [ -e "$data/indicators.json" ] || cp "$world/indicators.json" "$data/indicators.json"
    touch "$data/ready"
fi

started=()
stop() {
    trap - INT TERM EXIT
    # The simulator first, so that nothing it sends meets a stopped service; then the service; each by its own process id.
    for ((i = ${#started[@]} - 1; i >= 0; i--)); do
        kill -TERM "${started[$i]}" 2>/dev/null || true
        wait "${started[$i]}" 2>/dev/null || true
    done
}
trap 'stop; exit 0' INT TERM
trap stop EXIT

# Children are kept out of the terminal's own Ctrl-C, so that they stop in order. What the service says is passed on as it comes; its
# "listening" line is the sign that all doors are open. Quiet otherwise, so that the address and the first password stay in sight.
address_file="$data/address"
rm -f "$address_file"
exec 3< <(MONITORING__LogLevel="${MONITORING__LogLevel:-Warning}" exec setsid "$monitoring" serve --data "$data" --address-file "$address_file" 2>&1)
service=$!
started+=("$service")
listening=0
while IFS= read -r line <&3; do
    printf '%s\n' "$line"
    case "$line" in listening\ *) listening=1; break ;; esac
done
if [ "$listening" = 0 ]; then
    code=0
    wait "$service" || code=$?
    echo "The service ended before it listened." >&2
    exit "$code"
fi
cat <&3 &
# Two lines: http address, mqtt host:port.
mqtt=$(sed -n 2p "$address_file")
setsid "$sim" demo --world "$world" --inbox "$data/scenes/inbox" --mqtt "$mqtt" >>"$data/simulator.log" 2>&1 &
started+=($!)
echo "Open $(sed -n 1p "$address_file") and sign in. The first warnings arrive within a minute; Ctrl-C stops. (Simulator's log: $data/simulator.log)"
wait "$service"
