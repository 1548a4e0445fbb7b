#!/bin/sh
# Make .venv, the course's own Python environment, from requirements.lock; do
# nothing when it already is what the lock says. PYTHON names the interpreter to
# build it with. What goes wrong is told in one sentence, with exit code 1.
set -u
export LC_ALL=C # so that errors come in the language in which they are told apart
cd "$(dirname "$0")" || exit 1
folder=$(pwd -P)

stop() {
    printf '%s\n' "$*" >&2
    exit 1
}

# The stamp is written last, so an interrupted set-up has none. It names the folder
# as well, because the programs in .venv/bin no longer start once it has moved.
stamp() {
    printf '%s\n' "$folder"
    cat requirements.lock
}

if stamp | cmp -s - .venv/made-from && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

# An interpreter is tried by running it: a name on the PATH may be a version
# manager's shim with nothing behind it. Debian packs ensurepip apart from Python.
probe='
import sys
print("%d.%d" % sys.version_info[:2])
if sys.version_info < (3, 11):
    sys.exit(3)
try:
    import ensurepip, venv
except ImportError:
    sys.exit(4)
'
again='then run the same command again'
python=
problem=
if [ -n "${PYTHON:-}" ]; then
    set -- "$PYTHON"
else
    set -- python3 python3.14 python3.13 python3.12 python3.11
fi
for name in "$@"; do
    version=$("$name" -c "$probe" 2>/dev/null)
    case $? in
    0)
        python=$name
        break
        ;;
    3)
        : "${problem:=The course needs Python 3.11 or newer, but $name is Python \
$version: install a newer one, or name it (make PYTHON=python3.12 ...), $again.}"
        ;;
    4)
        : "${problem:=Python $version ($name) came without its venv module: install it \
(on Debian and Ubuntu: apt install python3-venv), $again.}"
        ;;
    esac
done
[ -n "$python" ] || stop "${problem:-The course needs Python 3.11 or newer, but $1 \
does not run here: install Python, or name it (make PYTHON=python3.12 ...), $again.}"

# The course is installed in place: lectures import it from any folder, an edit is
# seen at once, and the coursegrader program exists. No step but the first download
# needs a network. Only ready-made builds: a compiler's errors would help nobody.
build() {
    "$python" -m venv --clear .venv &&
        .venv/bin/python -m pip install --quiet --no-input --require-hashes \
            --only-binary :all: --requirement requirements.lock &&
        .venv/bin/python -m pip install --quiet --no-input --no-index --no-deps \
            --no-build-isolation --editable . &&
        rm -rf coursecore.egg-info &&
        stamp > .venv/made-from
}

echo 'Setting up .venv (about a minute, once) ...'
log=$(build 2>&1) && exit 0

last_words=$(printf '%s\n' "$log" | grep -i error | tail -n 1)
case $log in
*'No space left'* | *'Disk quota'*)
    stop "The disk is full: .venv needs about 1 GB in $folder; make room, $again."
    ;;
*'Permission denied'* | *'Read-only file system'*)
    stop "The course cannot write in $folder: copy it to a folder of yours, $again."
    ;;
*'DO NOT MATCH THE HASHES'*)
    stop "A downloaded package is not the one that requirements.lock names: try" \
        "another network or package index, $again."
    ;;
*'onnection'* | *'resolve'* | *'imeout'* | *'timed out'*)
    stop "The packages could not be downloaded, because pip cannot reach its package" \
        "index: check the network connection and proxy, $again."
    ;;
*'No matching distribution'*)
    stop "No build of ${last_words##* } for Python $version was found: check the" \
        "network connection, or name a Python from 3.11 to 3.14 (make" \
        "PYTHON=python3.12 ...), $again."
    ;;
*)
    mkdir -p .venv && printf '%s\n' "$log" > .venv/setup.log
    stop "Setting up .venv failed (${last_words:-no reason given}): the whole report" \
        "is in .venv/setup.log."
    ;;
esac
