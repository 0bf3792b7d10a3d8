#!/bin/sh
# What the gateway's image does, for any folder: install.sh TARGET [EXTRAS]. Run from the root of the source.
set -eu
target=$1 extras=${2-}
${PYTHON:-python3} -m venv "$target"
# torch comes as a build for graphics cards, gigabytes larger, unless it is asked for where CPUs' builds are.
"$target/bin/python" -m pip install --quiet --no-cache-dir --disable-pip-version-check \
  ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} --constraint constraints.txt ".${extras:+[$extras]}"
"$target/bin/unsay" --version
