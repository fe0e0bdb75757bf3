#!/bin/sh
# Installs what others wrote and the tests of this folder and of e2e/conformance drive, pinned, into .cache/strangers of the
# checkout: MCP clients, the conformance suite, Node. As root on Debian also Chromium, from Debian, where it is missing.
# Needs npm, Python 3.10 or newer, and a package registry for each. Does nothing if all is there already.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
target=$(cd "$here/../.." && pwd)/.cache/strangers
mkdir -p "$target"

# Is what was installed last time what the pins say now?
installed() { [ -f "$target/$1.installed" ] && cmp -s "$here/$1" "$target/$1.installed"; }

if ! installed package-lock.json; then
	cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$target/"
	# No install scripts: none of the packages needs its own to run.
	(cd "$target" && npm ci --ignore-scripts)
	cp "$here/package-lock.json" "$target/package-lock.json.installed"
fi

if ! installed requirements.txt; then
	rm -rf "$target/python"
	python3 -m venv "$target/python"
	"$target/python/bin/pip" install --quiet --requirement "$here/requirements.txt"
	cp "$here/requirements.txt" "$target/requirements.txt.installed"
fi

if ! command -v chromium >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium >/dev/null
fi

echo "The clients and the suite are in $target."
