#!/bin/bash
# Machines on Google Compute Engine for go-agent.command: gcp.sh create|list|delete. Needs gcloud and jq.
# Options of the profile: image-family, image-project, type, disk-gb, spot (true). Options of the cluster: project, zone.
set -euo pipefail
input=$(cat)
get() { jq -r "$1 // empty" <<<"$input"; }
at=(--project "$(get '.cluster.options.project')" --zone "$(get '.cluster.options.zone')" --quiet)

# Labels of Google have no dots and no capitals.
labels() { jq -r '[.labels | to_entries[] | "\(.key | gsub("[^a-z0-9_-]"; "_"))=\(.value | ascii_downcase | gsub("[^a-z0-9_-]"; "_"))"]
  | join(",")' <<<"$input"; }
mine() { jq -r '[.labels | to_entries[] | select(.key == "go-agent.server" or .key == "go-agent.cluster")
  | "labels.\(.key | gsub("[^a-z0-9_-]"; "_"))=\(.value | ascii_downcase | gsub("[^a-z0-9_-]"; "_"))"] | join(" AND ")' <<<"$input"; }

case "$1" in
  create)
    args=(--machine-type "$(get '.profile.options.type')" --labels "$(labels)"
      --image-family "$(get '.profile.options["image-family"]')" --image-project "$(get '.profile.options["image-project"]')"
      --metadata-from-file "user-data=$(get '.userDataFile')")
    disk=$(get '.profile.options["disk-gb"]'); [ -z "$disk" ] || args+=(--boot-disk-size "${disk}GB")
    [ "$(get '.profile.options.spot')" != true ] || args+=(--provisioning-model SPOT --instance-termination-action DELETE)
    if ! error=$(gcloud compute instances create "$(get '.name')" "${at[@]}" "${args[@]}" 2>&1 >/dev/null); then
      case "$error" in
        *'already exists'*) ;;
        *QUOTA* | *Quota* | *ZONE_RESOURCE_POOL_EXHAUSTED*) jq -n --arg reason "Compute Engine: ${error##*- }" '{refused: $reason}' ;;
        *'HTTPError 5'* | *'HTTPError 429'*) echo "$error" >&2; exit 75 ;;
        *) echo "${error//$'\n'/ }" >&2; exit 1 ;;
      esac
    fi ;;
  list)
    gcloud compute instances list --project "$(get '.cluster.options.project')" --zones "$(get '.cluster.options.zone')" \
      --filter "$(mine)" --format json | jq --argjson input "$input" '[.[] | {name, labels: $input.labels, createdAt: .creationTimestamp,
        state: ({PROVISIONING: "starting", STAGING: "starting", RUNNING: "running"}[.status] // "ended")}]' ;;
  delete)
    if ! error=$(gcloud compute instances delete "$(get '.name')" "${at[@]}" 2>&1 >/dev/null); then
      case "$error" in *'was not found'*) ;; *) echo "${error//$'\n'/ }" >&2; exit 1 ;; esac
    fi ;;
  *) echo "usage: $0 create|list|delete" >&2; exit 2 ;;
esac
