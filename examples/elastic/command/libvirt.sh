#!/bin/bash
# Virtual machines of libvirt for go-agent.command: libvirt.sh create|list|delete. Needs virsh, virt-install 4 or later,
# qemu-img, and jq, on the machine of the libvirt. Options of the profile: image (a qcow2 with cloud-init), cpus, memory-mib, network.
# Options of the cluster: folder (of the disks; default /var/lib/libvirt/images).
set -euo pipefail
input=$(cat)
get() { jq -r "$1 // empty" <<<"$input"; }
export LIBVIRT_DEFAULT_URI=${LIBVIRT_DEFAULT_URI:-qemu:///system}
folder=$(get '.cluster.options.folder')
folder=${folder:-/var/lib/libvirt/images}
name=$(get '.name')
# The description of a machine holds its labels.
mine=$(jq -r '[.labels | to_entries[] | select(.key == "go-agent.server" or .key == "go-agent.cluster") | "\(.key)=\(.value)"] | sort | join(";")' <<<"$input")

case "$1" in
  create)
    if ! virsh dominfo "$name" >/dev/null 2>&1; then
      disk=$folder/$name.qcow2
      qemu-img create -q -f qcow2 -F qcow2 -b "$(get '.profile.options.image')" "$disk"
      cpus=$(get '.profile.options.cpus'); memory=$(get '.profile.options["memory-mib"]'); network=$(get '.profile.options.network')
      if ! virt-install --name "$name" --description "$mine" --import --disk "$disk" --osinfo detect=on,require=off \
        --vcpus "${cpus:-2}" --memory "${memory:-2048}" --network "network=${network:-default}" --graphics none --noautoconsole \
        --cloud-init "user-data=$(get '.userDataFile')" >/dev/null; then
        virsh undefine "$name" --remove-all-storage >/dev/null 2>&1 || rm -f "$disk"
        exit 1
      fi
    fi ;;
  list)
    for domain in $(virsh list --all --name); do
      [ "$(virsh desc "$domain" 2>/dev/null)" = "$mine" ] || continue
      case "$(virsh domstate "$domain")" in running | paused | blocked) state=running ;; *) state=ended ;; esac
      jq -n --arg name "$domain" --arg state "$state" --argjson input "$input" '{name: $name, state: $state, labels: $input.labels}'
    done | jq -s . ;;
  delete)
    if virsh dominfo "$name" >/dev/null 2>&1; then
      virsh destroy "$name" >/dev/null 2>&1 || true
      virsh undefine "$name" --remove-all-storage --nvram >/dev/null
    fi ;;
  *) echo "usage: $0 create|list|delete" >&2; exit 2 ;;
esac
