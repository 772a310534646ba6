#!/bin/bash
# Machines on Hetzner Cloud for go-agent.command: hetzner.sh create|list|delete. Needs the hcloud CLI, jq, and HCLOUD_TOKEN in
# the secret environment of the cluster. Options of the profile: image, type, location, network, ssh-key.
set -euo pipefail
input=$(cat)
get() { jq -r "$1 // empty" <<<"$input"; }

case "$1" in
  create)
    args=(--name "$(get '.name')" --image "$(get '.profile.options.image')" --type "$(get '.profile.options.type')"
      --user-data-from-file "$(get '.userDataFile')")
    while IFS= read -r label; do args+=(--label "$label"); done < <(jq -r '.labels | to_entries[] | "\(.key)=\(.value)"' <<<"$input")
    for option in location network ssh-key; do
      value=$(get ".profile.options[\"$option\"]"); [ -z "$value" ] || args+=("--$option" "$value")
    done
    if ! error=$(hcloud server create "${args[@]}" 2>&1 >/dev/null); then
      case "$error" in
        *uniqueness_error*) ;;
        *resource_limit_exceeded* | *resource_unavailable*) jq -n --arg reason "Hetzner: ${error##*: }" '{refused: $reason}' ;;
        *rate_limit_exceeded* | *service_error* | *conflict*) echo "$error" >&2; exit 75 ;;
        *) echo "${error//$'\n'/ }" >&2; exit 1 ;;
      esac
    fi ;;
  list)
    selector=$(jq -r '[.labels | to_entries[] | select(.key == "go-agent.server" or .key == "go-agent.cluster")
      | "\(.key)=\(.value)"] | join(",")' <<<"$input")
    hcloud server list --selector "$selector" --output json | jq '[.[] | {name, createdAt: .created, labels,
      state: ({initializing: "starting", starting: "starting", running: "running", migrating: "running"}[.status] // "ended")}]' ;;
  delete)
    if ! error=$(hcloud server delete "$(get '.name')" 2>&1 >/dev/null); then
      case "$error" in *'not found'*) ;; *) echo "${error//$'\n'/ }" >&2; exit 1 ;; esac
    fi ;;
  *) echo "usage: $0 create|list|delete" >&2; exit 2 ;;
esac
