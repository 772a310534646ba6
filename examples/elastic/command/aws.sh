#!/bin/bash
# Machines on Amazon EC2 for go-agent.command: aws.sh create|list|delete. Needs the aws CLI 2, jq, and credentials in the
# secret environment of the cluster (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) or a role of the server's machine.
# Options of the profile: image, type, subnet, security-group, disk-gb, spot (true). Options of the cluster: region.
set -euo pipefail
input=$(cat)
get() { jq -r "$1 // empty" <<<"$input"; }
export AWS_DEFAULT_REGION AWS_PAGER=
AWS_DEFAULT_REGION=$(get '.cluster.options.region')

filters() { jq -c '[.labels | to_entries[] | select(.key != "go-agent.agent" and .key != "go-agent.profile")
  | {Name: "tag:\(.key)", Values: [.value]}]' <<<"$input"; }

case "$1" in
  create)
    tags=$(jq -c '[{ResourceType: "instance", Tags: ([{Key: "Name", Value: .name}] + [.labels | to_entries[] | {Key: .key, Value: .value}])}]' <<<"$input")
    args=(--image-id "$(get '.profile.options.image')" --instance-type "$(get '.profile.options.type')"
      --tag-specifications "$tags" --user-data "file://$(get '.userDataFile')"
      # The same token makes no second machine.
      --client-token "$(get '.name')"
      --instance-initiated-shutdown-behavior terminate --metadata-options HttpTokens=required)
    subnet=$(get '.profile.options.subnet'); [ -z "$subnet" ] || args+=(--subnet-id "$subnet")
    group=$(get '.profile.options["security-group"]'); [ -z "$group" ] || args+=(--security-group-ids "$group")
    disk=$(get '.profile.options["disk-gb"]')
    [ -z "$disk" ] || args+=(--block-device-mappings "[{\"DeviceName\":\"/dev/sda1\",\"Ebs\":{\"VolumeSize\":$disk,\"DeleteOnTermination\":true}}]")
    [ "$(get '.profile.options.spot')" != true ] || args+=(--instance-market-options MarketType=spot)
    if ! error=$(aws ec2 run-instances "${args[@]}" 2>&1 >/dev/null); then
      case "$error" in
        *InsufficientInstanceCapacity* | *InstanceLimitExceeded* | *VcpuLimitExceeded* | *MaxSpotInstanceCountExceeded*)
          jq -n --arg reason "EC2: ${error##*: }" '{refused: $reason}' ;;
        *RequestLimitExceeded* | *Unavailable* | *InternalError*) echo "$error" >&2; exit 75 ;;
        *) echo "${error//$'\n'/ }" >&2; exit 1 ;;
      esac
    fi ;;
  list)
    aws ec2 describe-instances --filters "$(filters)" --output json | jq '[.Reservations[].Instances[]
      | select(.State.Name != "terminated")
      | {name: (.Tags[] | select(.Key == "Name").Value), createdAt: .LaunchTime,
         labels: (.Tags | map({(.Key): .Value}) | add),
         state: ({pending: "starting", running: "running"}[.State.Name] // "ended")}]' ;;
  delete)
    name=$(get '.name')
    ids=$(aws ec2 describe-instances --filters "$(filters)" "Name=tag:Name,Values=$name" \
      'Name=instance-state-name,Values=pending,running,stopping,stopped' \
      --query 'Reservations[].Instances[].InstanceId' --output text)
    if [ -n "$ids" ]; then
      # shellcheck disable=SC2086
      aws ec2 terminate-instances --instance-ids $ids >/dev/null
      # shellcheck disable=SC2086
      aws ec2 wait instance-terminated --instance-ids $ids
    fi ;;
  *) echo "usage: $0 create|list|delete" >&2; exit 2 ;;
esac
