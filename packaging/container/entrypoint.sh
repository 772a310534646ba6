#!/bin/sh
# Starts the agent of a container. Understands the variables of GoCD's agent images: GO_SERVER_URL,
# AGENT_AUTO_REGISTER_KEY, _RESOURCES, _ENVIRONMENTS, _HOSTNAME, and GO_EA_* of elastic agents. Beside them
# AGENT_AUTO_REGISTER_KEY_FILE: a mounted secret is not seen by "inspect". With arguments, those are run instead.
set -eu
umask 022
# As process 1 this shell would not hear of it.
trap 'exit 143' TERM INT

if [ "$#" -gt 0 ]; then
  exec "$@"
fi

home=${GO_AGENT_HOME:-/var/lib/go-agent}
mkdir -p "$home/config"
chmod 0700 "$home/config"

if [ -n "${GO_EA_SERVER_URL:-}" ]; then
  GO_SERVER_URL=$GO_EA_SERVER_URL
  AGENT_AUTO_REGISTER_KEY=${GO_EA_AUTO_REGISTER_KEY:-}
  AGENT_AUTO_REGISTER_ENVIRONMENTS=${GO_EA_AUTO_REGISTER_ENVIRONMENT:-}
  AGENT_AUTO_REGISTER_RESOURCES=
fi
if [ -z "${GO_SERVER_URL:-}" ]; then
  echo 'go-agent: no server is given. Remedy: -e GO_SERVER_URL=https://gocd.example.com:8154/go' >&2
  exit 2
fi
export GO_SERVER_URL

# In a .properties file a backslash begins an escape.
property() {
  if [ -n "$2" ]; then printf '%s=%s\n' "$1" "$(printf '%s' "$2" | sed 's/\\/\\\\/g')"; fi
}

# An agent that has its token needs no key any more, however often its container is started.
if [ ! -s "$home/config/token" ]; then
  key=${AGENT_AUTO_REGISTER_KEY:-}
  if [ -z "$key" ] && [ -n "${AGENT_AUTO_REGISTER_KEY_FILE:-}" ]; then
    key=$(cat "$AGENT_AUTO_REGISTER_KEY_FILE")
  fi
  (
    umask 077
    {
      property agent.auto.register.key "$key"
      property agent.auto.register.resources "${AGENT_AUTO_REGISTER_RESOURCES:-}"
      property agent.auto.register.environments "${AGENT_AUTO_REGISTER_ENVIRONMENTS:-}"
      property agent.auto.register.hostname "${AGENT_AUTO_REGISTER_HOSTNAME:-}"
      property agent.auto.register.elasticAgent.agentId "${GO_EA_AUTO_REGISTER_ELASTIC_AGENT_ID:-}"
      property agent.auto.register.elasticAgent.pluginId "${GO_EA_AUTO_REGISTER_ELASTIC_PLUGIN_ID:-}"
    } > "$home/config/autoregister.properties"
  )
  key=
fi
# From here on the key is in that one file only, and the agent removes it from there.
unset AGENT_AUTO_REGISTER_KEY AGENT_AUTO_REGISTER_KEY_FILE AGENT_AUTO_REGISTER_RESOURCES
unset AGENT_AUTO_REGISTER_ENVIRONMENTS AGENT_AUTO_REGISTER_HOSTNAME
unset GO_EA_SERVER_URL GO_EA_AUTO_REGISTER_KEY GO_EA_AUTO_REGISTER_ENVIRONMENT
unset GO_EA_AUTO_REGISTER_ELASTIC_AGENT_ID GO_EA_AUTO_REGISTER_ELASTIC_PLUGIN_ID

for script in /docker-entrypoint.d/*; do
  if [ -x "$script" ] && [ ! -d "$script" ]; then
    "$script" || {
      echo "go-agent: $script failed" >&2
      exit 111
    }
  fi
done

if command -v tini >/dev/null; then
  exec tini -- go-agent run --home "$home"
fi
exec go-agent run --home "$home"
