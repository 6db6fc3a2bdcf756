#!/bin/sh
# Runs the linters of infra/ in a virtual environment below the target directory, which it makes from
# lint.txt where it is missing: half a gigabyte, a minute or two.
#
#   tests/python/lint.sh
set -eu

here=$(cd "$(dirname "$0")" && pwd)
venv=${CARGO_TARGET_DIR:-$here/../../target}/lint-venv
if ! cmp -s "$here/lint.txt" "$venv/made-from"; then
    rm -rf "$venv"
    "${PYTHON:-python3}" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$here/lint.txt" >&2
    cp "$here/lint.txt" "$venv/made-from"
fi
exec "$venv/bin/python" "$here/lint_templates.py"
