# SPDX-License-Identifier: MIT
"""Pages from templates; everything but our own pictures is escaped."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


def rendered(name: str, **values: Any) -> str:
    """The HTML of a template, with the pages' style."""
    environment = Environment(
        loader=PackageLoader("steelyard.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    loader = environment.loader
    assert loader is not None
    css, _, _ = loader.get_source(environment, "page.css")
    return environment.get_template(name).render(css=Markup(css), svg=Markup, **values)
