#!/bin/sh
# Prints the first Python on PATH that Watchdesk runs on. Each candidate is run, not only looked
# up: a version manager's shim can be on PATH for a version that is not installed.
newest=""
for python in python3.13 python3.12 python3.11 python3 python; do
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        newest=${newest:-"$version as \`$python\`"}
    elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        newest=${newest:-"$version as \`$python\` without its venv module (Debian and Ubuntu: apt-get install python$version-venv)"}
    else
        echo "$python"
        exit 0
    fi
done
echo "Watchdesk needs Python 3.11 or newer; found ${newest:-none}." \
    "Install one, or name it: make PYTHON=/path/to/python3 run" >&2
exit 1
