#!/bin/bash
# Machines on OpenStack for go-agent.command: openstack.sh create|list|delete. Needs the openstack client, jq, and OS_* in the
# secret environment of the cluster. Options of the profile: image, flavor, network, security-group, key-name.
set -euo pipefail
input=$(cat)
get() { jq -r "$1 // empty" <<<"$input"; }

case "$1" in
  create)
    # Names are not unique in OpenStack: a machine that is there already is not made again.
    [ -z "$(openstack server list --name "^$(get '.name')\$" -f value -c ID)" ] || exit 0
    args=(--image "$(get '.profile.options.image')" --flavor "$(get '.profile.options.flavor')" --user-data "$(get '.userDataFile')")
    while IFS= read -r property; do args+=(--property "$property"); done \
      < <(jq -r '.labels | to_entries[] | "\(.key)=\(.value)"' <<<"$input")
    for option in network security-group key-name; do
      value=$(get ".profile.options[\"$option\"]"); [ -z "$value" ] || args+=("--$option" "$value")
    done
    if ! error=$(openstack server create "${args[@]}" "$(get '.name')" 2>&1 >/dev/null); then
      case "$error" in
        *[Qq]uota*) jq -n --arg reason "OpenStack: $error" '{refused: $reason}' ;;
        *'HTTP 5'* | *'HTTP 429'*) echo "$error" >&2; exit 75 ;;
        *) echo "${error//$'\n'/ }" >&2; exit 1 ;;
      esac
    fi ;;
  list)
    openstack server list --long -f json | jq --argjson input "$input" '
      ($input.labels | with_entries(select(.key == "go-agent.server" or .key == "go-agent.cluster"))) as $own
      | [.[] | select((.Properties // {}) | contains($own)) | {name: .Name, labels: .Properties,
          state: ({BUILD: "starting", ACTIVE: "running", REBOOT: "running"}[.Status] // "ended")}]' ;;
  delete)
    for id in $(openstack server list --name "^$(get '.name')\$" -f value -c ID); do
      openstack server delete --wait "$id"
    done ;;
  *) echo "usage: $0 create|list|delete" >&2; exit 2 ;;
esac
