export interface PackageSource {
  /** Of a `.deb` or a `.tar.gz` that `npm run package` has made. */
  readonly url: string;
  /** Of the package, in hex. */
  readonly sha256: string;
}

/**
 * The shell script that a new machine runs once, as root, without waiting for anything but the package. No secret is in it, nor in
 * an argument or the environment of what it starts: the key goes from file to file.
 * @param folder where the key, the registration and the settings are; removed in the end
 */
export function setupScript(folder: string, source: PackageSource | undefined): string {
  return `#!/bin/sh
set -eu
umask 077
setup=${folder}
home=/var/lib/go-agent
# The setup's folder is in memory; packages are larger than that may be.
work=$(mktemp -d /var/tmp/go-agent-setup.XXXXXX)
trap 'rm -rf "$setup" "$work"' EXIT
${source === undefined ? '' : install(source)}
if ! command -v git >/dev/null; then
  for install in 'apt-get install -y git' 'dnf install -y git' 'zypper --non-interactive install git'; do
    command -v "\${install%% *}" >/dev/null || continue
    [ "\${install%% *}" = apt-get ] && apt-get update
    $install || echo 'go-agent: git could not be installed; jobs that check it out will fail' >&2
    break
  done
fi

install -m 0644 "$setup/settings" /etc/default/go-agent
systemctl cat go-agent.service >/dev/null 2>&1 || go-agent service install --no-start
install -d -o go-agent -g go-agent -m 0750 "$home"
install -d -o go-agent -g go-agent -m 0700 "$home/config"
{
  cat "$setup/registration"
  printf 'agent.auto.register.key='
  sed 's/\\\\/\\\\\\\\/g' "$setup/key"
} > "$setup/autoregister.properties"
# From here on the key is the agent's, which removes it once it is registered. No other copy stays.
install -o go-agent -g go-agent -m 0600 "$setup/autoregister.properties" "$home/config/autoregister.properties"
go-agent cloud-init clean --key-file "$setup/key"
rm -rf "$setup"

systemctl restart go-agent.service
echo 'go-agent: set up and started'
`;
}

function install({ url, sha256 }: PackageSource): string {
  return `
url=${quote(url)}
package=$work/package
# A transfer that stalls for a minute is tried again: curl by itself would wait for ever.
if command -v curl >/dev/null; then
  curl --fail --silent --show-error --location --retry 8 --retry-connrefused \\
    --connect-timeout 60 --speed-limit 1 --speed-time 60 --output "$package" "$url"
elif command -v wget >/dev/null; then
  wget --quiet --timeout=60 --tries=8 --retry-connrefused --output-document="$package" "$url"
else
  echo 'go-agent: neither curl nor wget is there to fetch the package' >&2
  exit 1
fi
if ! echo "${sha256}  $package" | sha256sum --check --status; then
  echo "go-agent: $url is not what was to be installed: its SHA-256 is $(sha256sum < "$package")" >&2
  exit 1
fi
${isDebianPackage(url) ? fromDebianPackage : fromArchive}`;
}

const fromDebianPackage = `mv "$package" "$package.deb"
export DEBIAN_FRONTEND=noninteractive
dpkg --install "$package.deb" || apt-get install --fix-broken --yes
`;

const fromArchive = `mkdir "$work/unpacked"
tar -xzf "$package" -C "$work/unpacked"
install -m 0755 "$work"/unpacked/*/go-agent /usr/local/bin/go-agent
`;

function isDebianPackage(url: string): boolean {
  return new URL(url).pathname.endsWith('.deb');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
