#!/bin/sh
# Makes the virtual environment of the end-to-end tests and prints its folder.
#
#   tests/python/setup.sh [FOLDER]      default: ${CARGO_TARGET_DIR:-target}/test-venv
#
# Installs requirements.txt and takes Lambda's runtime interface emulator out of the wheel that rie.txt
# names, which lands as aws-lambda-rie in the same bin folder. What is there already is kept as long as
# both files are the ones it was made from. Several callers may run this at once: one works, the others wait.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
venv=${1:-${CARGO_TARGET_DIR:-$here/../../target}/test-venv}
python=${PYTHON:-python3}

wanted() {
    "$python" - "$here/requirements.txt" "$here/rie.txt" <<'PYTHON'
import hashlib, pathlib, sys
print(hashlib.sha256(b"".join(pathlib.Path(name).read_bytes() for name in sys.argv[1:])).hexdigest())
PYTHON
}

fetch_emulator() {
    case $(uname -sm) in
        "Linux x86_64") machine=x86_64 ;;
        "Linux aarch64") machine=arm64 ;;
        *) echo "setup.sh: no runtime interface emulator for $(uname -sm)" >&2; return 0 ;;
    esac
    wheels=$(mktemp -d)
    "$venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
        --dest "$wheels" --requirement "$here/rie.txt"
    "$venv/bin/python" - "$wheels" "samcli/local/rapid/aws-lambda-rie-$machine" "$venv/bin/aws-lambda-rie" <<'PYTHON'
import pathlib, sys, zipfile
wheels, member, target = sys.argv[1:]
with zipfile.ZipFile(next(pathlib.Path(wheels).glob("aws_sam_cli-*.whl"))) as wheel:
    pathlib.Path(target).write_bytes(wheel.read(member))
pathlib.Path(target).chmod(0o755)
PYTHON
    rm -r "$wheels"
}

install() {
    if [ -e "$venv" ] && [ ! -f "$venv/pyvenv.cfg" ]; then
        echo "setup.sh: $venv is there and no virtual environment" >&2
        exit 1
    fi
    # Half an environment from an interrupted run is of no use.
    rm -rf "$venv"
    "$python" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
    fetch_emulator
    wanted > "$venv/made-from"
}

is_current() {
    [ -f "$venv/made-from" ] && [ "$(cat "$venv/made-from")" = "$(wanted)" ]
}

mkdir -p "$(dirname "$venv")"
if ! is_current; then
    exec 9> "$venv.lock"
    if command -v flock > /dev/null; then flock 9; fi
    # Another caller may have done it meanwhile.
    is_current || install >&2
fi
cd "$venv" && pwd
