#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Print where a PREFIX has its overrides: the folder that this python's gi looks into.

That is gi's own folder where gi lives in the prefix, else a site folder there (Debian's
python has one of its own in /usr/local), else what would be gi's in that prefix.
"""
import os
import site
import sys

import gi


def below(directory, prefix):
    """The path from prefix to directory if it begins with lib, lib64…, else None."""
    way = os.path.relpath(os.path.realpath(directory), os.path.realpath(prefix))
    return way if way.startswith("lib") else None


def packages_dir(prefix):
    own = os.path.dirname(os.path.dirname(gi.__file__))
    for directory in [own, *site.getsitepackages()]:
        way = below(directory, prefix)
        if way is not None:
            return os.path.join(prefix, way)
    parts = own.split(os.sep)
    first = next((i for i, part in enumerate(parts) if part.startswith("lib")), 1)
    return os.path.join(prefix, *parts[first:])


print(os.path.join(packages_dir(sys.argv[1]), "gi", "overrides"))
