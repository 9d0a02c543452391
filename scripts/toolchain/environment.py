# SPDX-License-Identifier: MIT
"""Points an environment's Python at its checkout's compiler and local chains.

`make setup` runs this file with `.venv`'s Python. It installs itself there as a
module with a `.pth` line, so that `.venv/bin/brownie` and `.venv/bin/pytest` find
solc, Anvil and Ganache without any shell set-up.
"""

import os
import shutil
import sys
import sysconfig
from collections.abc import MutableMapping
from pathlib import Path

MODULE = "steelyard_environment"


def use_checkout(environ: MutableMapping[str, str], checkout: Path) -> None:
    """Changes `environ`: solc from `checkout`, its `node_modules/.bin` first in PATH.

    A SOLCX_BINARY_PATH that is already set stays.
    """
    environ.setdefault("SOLCX_BINARY_PATH", str(checkout / ".toolchain"))
    folder = str(checkout / "node_modules" / ".bin")
    search_path = environ.get("PATH", os.defpath).split(os.pathsep)
    if folder not in search_path:
        environ["PATH"] = os.pathsep.join([folder, *search_path])


def use_own_checkout() -> None:
    """Applies `use_checkout` to this process; the checkout is the parent of `.venv`."""
    use_checkout(os.environ, Path(sys.prefix).parent)


def install(site_packages: Path) -> None:
    """Writes this module and the `.pth` line that calls it into `site_packages`."""
    shutil.copyfile(__file__, site_packages / f"{MODULE}.py")
    line = f"import {MODULE}; {MODULE}.use_own_checkout()\n"
    (site_packages / f"{MODULE}.pth").write_text(line, encoding="utf-8")


if __name__ == "__main__":
    install(Path(sysconfig.get_path("purelib")))
