#!/bin/sh
# SPDX-License-Identifier: MIT
# Installed as .toolchain/solc-v<version>: the solc command on the npm compiler.
# The version line is stored at set-up, because callers ask for it once a contract.
here=$(cd "$(dirname "$0")" && pwd)
if [ "$1" = "--version" ] && [ -f "$here/version.txt" ]; then
    exec cat "$here/version.txt"
fi
exec node "$here/../scripts/toolchain/solc.js" "$@"
