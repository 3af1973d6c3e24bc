#!/usr/bin/env bash
# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# --metrics: right at each moment, accepted by promtool, and scraped by a real Prometheus server. On loopback only.
. "$(dirname "$0")/common.sh"

server=
stop() {
    test -z "$server" || kill "$server" 2>/dev/null
    exec 9>&-
}
trap 'stop; test $failures = 0 || echo "$failures failed"' EXIT

# Fed through a pipe, so that it waits while it is looked at.
mkfifo feed
"$LOG_PIPELINE" --json --capacity 64 --metrics 127.0.0.1:0 feed >out 2>err &
pipeline=$!
exec 9>feed
within 60 grep -q 'metrics on port' err || { fail "it does not say its port: $(cat err)"; exit 1; }
address=127.0.0.1:$(sed -nE 's/.*metrics on port ([0-9]+),.*/\1/p' err)

# value SAMPLE: now.
value() { get "http://$address/metrics" | sed -nE "s/^$1 //p"; }
shows() { test "$(value 'evproc_consumed_total\{processor="log_pipeline"\}')" = "$1"; }
within 60 shows 0 || fail "consumed is not 0"
for i in $(seq 100); do echo "2026-01-01 00:00:00 kind$i"; done >&9
within 60 shows 100 || fail "consumed does not become 100"
echo bad >&9
is "capacity" "$(value 'evproc_capacity\{processor="log_pipeline"\}')" 64
is "depth" "$(value 'evproc_depth\{processor="log_pipeline"\}')" 0
is "dwell count" "$(value 'evproc_dwell_seconds_count\{processor="log_pipeline"\}')" 100

get "http://$address/metrics" >page || fail "no page"
grep -v '^\(# \(HELP\|TYPE\) \)\?exposer_' page >own
"$PROMTOOL" check metrics <own >promtool_says 2>&1 || fail "promtool: $(cat promtool_says)"
is "what promtool says" "$(cat promtool_says)" ""
sed 's/"log_pipeline"/"log_pipeline/' own | "$PROMTOOL" check metrics >/dev/null 2>&1 && fail "promtool accepts a spoiled page"

# A real server scrapes it. Its own port is one that was free a moment ago.
cat >prometheus.yml <<CONFIG
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: log_pipeline
    static_configs: [{targets: ['$address']}]
CONFIG
"$PROMTOOL" check config prometheus.yml >promtool_says 2>&1 || fail "promtool: $(cat promtool_says)"
# stored SAMPLE: what the server has stored of it.
stored() {
    "$PROMTOOL" query instant "http://127.0.0.1:$port" "$1" 2>/dev/null | sed -nE 's/.*=> ([0-9.e+]+) @.*/\1/p'
}
has_scraped() { test "$(stored 'evproc_consumed_total{processor="log_pipeline"}')" = 100; }
for port in $((20000 + RANDOM % 10000)) $((30000 + RANDOM % 2000)) $((10000 + RANDOM % 10000)); do
    "$PROMETHEUS" --config.file=prometheus.yml --storage.tsdb.path=data --web.listen-address="127.0.0.1:$port" 2>server_log 9>&- &
    server=$!
    within 30 get "http://127.0.0.1:$port/-/ready" >/dev/null && break
done
within 60 has_scraped || fail "the server has not scraped it: $(tail -n 5 server_log)"
is "targets that are up" "$(stored 'up{job="log_pipeline"}')" 1
is "stored buckets" "$(stored 'count(evproc_dwell_seconds_bucket{processor="log_pipeline"})')" 26
is "stored capacity" "$(stored evproc_capacity)" 64

exec 9>&-
wait $pipeline
is "exit status" $? 0
valid_json out
is "events" "$(number events out)" 100

# An address that cannot be had: said, and nothing is read.
run 1 --json --metrics "127.0.0.1:$port" page
matches "message" err "^log_pipeline: cannot serve metrics at 127.0.0.1:$port\$"
is "output" "$(cat out)" ""

test $failures = 0
