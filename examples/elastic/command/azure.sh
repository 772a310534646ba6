#!/bin/bash
# Machines on Azure for go-agent.command: azure.sh create|list|delete. Needs the az CLI (logged in, as by a managed identity) and jq.
# Options of the profile: image, size, subnet (id), disk-gb. Options of the cluster: group (the resource group).
set -euo pipefail
input=$(cat)
get() { jq -r "$1 // empty" <<<"$input"; }
group=$(get '.cluster.options.group')

case "$1" in
  create)
    mapfile -t tags < <(jq -r '.labels | to_entries[] | "\(.key)=\(.value)"' <<<"$input")
    args=(--image "$(get '.profile.options.image')" --size "$(get '.profile.options.size')" --custom-data "$(get '.userDataFile')"
      --tags "${tags[@]}" --public-ip-address '' --nsg '' --generate-ssh-keys
      --os-disk-delete-option Delete --nic-delete-option Delete)
    subnet=$(get '.profile.options.subnet'); [ -z "$subnet" ] || args+=(--subnet "$subnet")
    disk=$(get '.profile.options["disk-gb"]'); [ -z "$disk" ] || args+=(--os-disk-size-gb "$disk")
    if ! error=$(az vm create --resource-group "$group" --name "$(get '.name')" --no-wait "${args[@]}" 2>&1 >/dev/null); then
      case "$error" in
        *QuotaExceeded* | *SkuNotAvailable* | *AllocationFailed*) jq -n --arg reason "Azure: ${error##*: }" '{refused: $reason}' ;;
        *TooManyRequests* | *InternalServerError* | *ServiceUnavailable*) echo "$error" >&2; exit 75 ;;
        *) echo "${error//$'\n'/ }" >&2; exit 1 ;;
      esac
    fi ;;
  list)
    az vm list --resource-group "$group" --show-details --output json | jq --argjson input "$input" '
      ($input.labels | with_entries(select(.key == "go-agent.server" or .key == "go-agent.cluster"))) as $own
      | [.[] | select((.tags // {}) | contains($own)) | {name, createdAt: .timeCreated, labels: .tags,
          state: (if .provisioningState == "Failed" or .provisioningState == "Deleting" then "ended"
                  elif .powerState == "VM running" then "running"
                  elif .provisioningState == "Creating" or .powerState == "VM starting" then "starting" else "ended" end)}]' ;;
  delete)
    name=$(get '.name')
    if [ -n "$(az vm list --resource-group "$group" --query "[?name=='$name'].id" --output tsv)" ]; then
      az vm delete --resource-group "$group" --name "$name" --yes --force-deletion true >/dev/null
    fi ;;
  *) echo "usage: $0 create|list|delete" >&2; exit 2 ;;
esac
