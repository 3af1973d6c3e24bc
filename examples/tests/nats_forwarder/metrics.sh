#!/usr/bin/env bash
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# nats_forwarder --metrics against a real server on loopback, which is away in between: the counters tell so, and what was
# read by then arrives when it is back. From the environment: NATS_FORWARDER, NATS_SERVER, CURL, PROMTOOL, FOLDER.
. "$(dirname "$0")/../checks.sh"

server=
program=
stop() {
    exec 9>&-
    for each in $program $server; do kill -KILL "$each" 2>/dev/null; done
    wait
}
trap 'stop; test $failures = 0 || echo "$failures failed"' EXIT

# start_server PORT: true if it stays up.
is_listening() { grep -q 'Server is ready' "server_log$starts"; }
starts=0
start_server() {
    starts=$((starts + 1))
    "$NATS_SERVER" -js -sd store -a 127.0.0.1 -p "$1" >"server_log$starts" 2>&1 9>&- &
    server=$!
    within 60 is_listening
}
for port in $((20000 + RANDOM % 10000)) $((30000 + RANDOM % 2000)) $((10000 + RANDOM % 10000)); do
    start_server "$port" && break
    kill -KILL "$server" 2>/dev/null
done
is_listening || { fail "no server: $(cat "server_log$starts")"; exit 1; }

# Fed through a pipe, so that it waits while it is looked at.
mkfifo feed
"$NATS_FORWARDER" --server "nats://127.0.0.1:$port" --metrics 127.0.0.1:0 feed >out 2>err &
program=$!
exec 9>feed
within 60 grep -q 'metrics on port' err || { fail "it does not say its port: $(cat err)"; exit 1; }
address=127.0.0.1:$(sed -nE 's/.*metrics on port ([0-9]+),.*/\1/p' err)

# shows SAMPLE VALUE: now. ring NAME: the sample of the ring.
value() { get "http://$address/metrics" | sed -nE "s/^$1 //p"; }
shows() { test "$(value "$1")" = "$2"; }
ring() { echo "evproc_$1\\{processor=\"nats_forwarder\"\\}"; }

within 60 shows nats_forwarder_acknowledged_total 0 || fail "acknowledged is not 0"
seq 100 >&9
within 60 shows nats_forwarder_acknowledged_total 100 || fail "acknowledged does not become 100"
is "consumed" "$(value "$(ring consumed_total)")" 100
is "connections" "$(value nats_forwarder_connections_total)" 1
is "depth" "$(value "$(ring depth)")" 0
is "waits" "$(value "$(ring waits_total)")" 0
is "capacity" "$(value "$(ring capacity)")" 4096

get "http://$address/metrics" >page || fail "no page"
grep -v '^\(# \(HELP\|TYPE\) \)\?exposer_' page >own
"$PROMTOOL" check metrics <own >promtool_says 2>&1 || fail "promtool: $(cat promtool_says)"
is "what promtool says" "$(cat promtool_says)" ""

# The server dies; more lines come than the ring holds.
kill -KILL "$server"
wait "$server" 2>/dev/null
seq 101 10000 >&9 &
writer=$!
within 60 shows "$(ring depth)" 4096 || fail "the ring does not fill up: $(value "$(ring depth)")"
within 60 shows "$(ring waits_total)" 1 || fail "the reader does not wait: $(value "$(ring waits_total)")"
failed_more_than_once() { test "$(value nats_forwarder_failures_total)" -gt 1; }
within 60 failed_more_than_once || fail "no failures: $(value nats_forwarder_failures_total)"
is "acknowledged without the server" "$(value nats_forwarder_acknowledged_total)" 100
is "consumed without the server" "$(value "$(ring consumed_total)")" 100

start_server "$port" || fail "the server does not start again: $(cat "server_log$starts")"
within 60 shows nats_forwarder_acknowledged_total 10000 || fail "it is not all acknowledged: $(value nats_forwarder_acknowledged_total)"
is "connections with the server back" "$(value nats_forwarder_connections_total)" 2
wait "$writer"
exec 9>&-
wait "$program"
is "exit status" $? 0
is "output" "$(cat out)" "10000 lines in stream EVENTS"
program=

# An address that cannot be had: said, and nothing is read.
"$NATS_FORWARDER" --metrics "127.0.0.1:$port" page >out 2>err
is "exit status without the address" $? 1
is "message without the address" "$(cat err)" "nats_forwarder: cannot serve metrics at 127.0.0.1:$port"
is "output without the address" "$(cat out)" ""

test $failures = 0
