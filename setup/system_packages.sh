#!/bin/sh
# Install the named Debian packages that are missing; without root or sudo, print the line to type and stop.
set -eu
missing=""
for package in "$@"; do
    dpkg-query --show --showformat '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ]; then as_root=""; elif command -v sudo >/dev/null 2>&1; then as_root="sudo"; else
    printf 'These system packages are missing:%s\nPlease type this as an administrator, then run make again:\n\n    apt-get install%s\n\n' "$missing" "$missing" >&2
    exit 1
fi
printf 'Installing system packages:%s\n' "$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # the list is meant to be split
{ $as_root apt-get install -y -qq $missing || { $as_root apt-get update -qq && $as_root apt-get install -y -qq $missing; }; } >/dev/null
