#!/bin/bash
# Containers or virtual machines of Incus for go-agent.command: incus.sh create|list|delete. Needs the incus client and jq.
# Options of the profile: image (one with cloud-init, such as images:debian/13/cloud), vm (true), cpus, memory, profile.
# Options of the cluster: remote (such as build: with the colon), project.
set -euo pipefail
input=$(cat)
get() { jq -r "$1 // empty" <<<"$input"; }
remote=$(get '.cluster.options.remote')
project=$(get '.cluster.options.project')
in=(--project "${project:-default}")
name=$(get '.name')

case "$1" in
  create)
    if ! incus info "${in[@]}" "$remote$name" >/dev/null 2>&1; then
      args=()
      [ "$(get '.profile.options.vm')" != true ] || args+=(--vm)
      cpus=$(get '.profile.options.cpus'); [ -z "$cpus" ] || args+=(--config "limits.cpu=$cpus")
      memory=$(get '.profile.options.memory'); [ -z "$memory" ] || args+=(--config "limits.memory=$memory")
      profile=$(get '.profile.options.profile'); [ -z "$profile" ] || args+=(--profile "$profile")
      while IFS= read -r label; do args+=(--config "$label"); done \
        < <(jq -r '.labels | to_entries[] | "user.\(.key)=\(.value)"' <<<"$input")
      incus init "${in[@]}" "$(get '.profile.options.image')" "$remote$name" "${args[@]}" >/dev/null
      # By its standard input: it has a key in it.
      incus config set "${in[@]}" "$remote$name" cloud-init.user-data - <"$(get '.userDataFile')"
    fi
    incus start "${in[@]}" "$remote$name" 2>/dev/null || incus info "${in[@]}" "$remote$name" | grep -qi '^status: running' ;;
  list)
    incus list "${in[@]}" ${remote:+"$remote"} --format json | jq --argjson input "$input" '
      ($input.labels | with_entries(select(.key == "go-agent.server" or .key == "go-agent.cluster"))) as $own
      | [.[] | (.config | with_entries(select(.key | startswith("user.go-agent.")) | .key |= ltrimstr("user."))) as $labels
          | select($labels | contains($own)) | {name, createdAt: .created_at, labels: $labels,
              state: ({Running: "running", Starting: "starting"}[.status] // "ended")}]' ;;
  delete)
    if incus info "${in[@]}" "$remote$name" >/dev/null 2>&1; then incus delete "${in[@]}" --force "$remote$name"; fi ;;
  *) echo "usage: $0 create|list|delete" >&2; exit 2 ;;
esac
