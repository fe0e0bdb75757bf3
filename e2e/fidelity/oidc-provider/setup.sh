#!/bin/sh
# Installs the engine of Logto, pinned, and a Node that runs it, into .cache/oidc-provider of the checkout. Needs npm and its
# registry. Does nothing if all is there already.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
target=$(cd "$here/../../.." && pwd)/.cache/oidc-provider
mkdir -p "$target"

if ! cmp -s "$here/package-lock.json" "$target/package-lock.json.installed"; then
	cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$target/"
	# No install scripts: none of the packages needs its own to run.
	(cd "$target" && npm ci --ignore-scripts)
	cp "$here/package-lock.json" "$target/package-lock.json.installed"
fi
cp "$here/server.mjs" "$target/" # it finds its packages beside it
