#!/bin/sh
# Installs the MCP clients that the tests of this folder drive, pinned, into .cache/strangers of the checkout.
# Needs npm, Python 3.10 or newer, and a package registry for each. Does nothing if they are there already.
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

echo "The clients are in $target."
