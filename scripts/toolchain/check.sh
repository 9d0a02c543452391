#!/bin/sh
# SPDX-License-Identifier: MIT
# Stops with one line when Python, Node or npm is missing or too old.
python=${1:-python3}

stop() {
    echo "setup: $1" >&2
    exit 1
}

command -v "$python" >/dev/null 2>&1 ||
    stop "$python not found; install Python 3.11 or newer, or run make PYTHON=<path>"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "$python is $("$python" -V 2>&1); Python 3.11 or newer is needed (make PYTHON=<path>)"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    stop "$python has no venv module; install it (Debian: the python3-venv package)"
command -v node >/dev/null 2>&1 ||
    stop "node not found; install Node.js 18 or newer"
node -e 'process.exit(parseInt(process.versions.node, 10) < 18 ? 1 : 0)' ||
    stop "node is $(node --version); Node.js 18 or newer is needed"
command -v npm >/dev/null 2>&1 ||
    stop "npm not found; install npm 9 or newer"
